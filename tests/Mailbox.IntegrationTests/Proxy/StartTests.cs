using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Proxy;

/// <summary>Routes that cannot work, or that would hide what is the server's own, keep a node from starting.</summary>
[Collection(ProxySite.Name)]
public sealed class StartTests(ProxySite site)
{
    [Theory]
    [InlineData("Path", "/v1", "Mailbox:Proxy:Routes:0:Path: '/v1' is the server's own.")]
    [InlineData("Path", "/V1/mailboxes", "is the server's own.")]
    [InlineData("Path", "/health/live", "is the server's own.")]
    [InlineData("Path", "/openapi", "is the server's own.")]
    [InlineData("Path", "/app/", "Mailbox:Proxy:Routes:0:Path: '/app/' is not / nor segments")]
    [InlineData("Path", "app", "Mailbox:Proxy:Routes:0:Path: 'app' is not / nor segments")]
    [InlineData("Path", "/a/../v1", "is not / nor segments")]
    [InlineData("Path", "/%76", "is not / nor segments")]
    [InlineData("Backend", "ftp://127.0.0.1", "Mailbox:Proxy:Routes:0:Backend: an http or https address")]
    [InlineData("Backend", "/elsewhere", "Mailbox:Proxy:Routes:0:Backend: an http or https address")]
    [InlineData("Backend", "http://user@127.0.0.1", "Mailbox:Proxy:Routes:0:Backend: an http or https address")]
    [InlineData("Backend", "http://127.0.0.1/?q", "Mailbox:Proxy:Routes:0:Backend: an http or https address")]
    [InlineData("Access", "authenticated", "Mailbox:Proxy:Routes:0:Access: nobody can show who they are")]
    [InlineData("Access", "sometimes", "Mailbox:Proxy:Routes:0:Access")]
    [InlineData("Deliver:0", "*-user", "Mailbox:Proxy:Routes:0:Deliver: '*-user' is not")]
    [InlineData("Deliver:0", "~events", "Mailbox:Proxy:Routes:0:Deliver: '~events' is not")]
    [InlineData("Timeout", "00:00:00", "Mailbox:Proxy:Routes:0: The field Timeout must be between")]
    public async Task A_route_that_cannot_be_is_named(string name, string value, string told)
    {
        (string Name, string Value)[] settings =
        [
            ("Mailbox:Proxy:CallerKey", Convert.ToBase64String(ProxySite.CallerKey)),
            .. ProxySite.Route(0, "/app", site.Backend.Address).Where(one => !one.Name.EndsWith(':' + name, StringComparison.Ordinal)),
            ($"Mailbox:Proxy:Routes:0:{name}", value),
        ];
        await DoesNotStartAsync(told, settings);
    }

    [Fact]
    public async Task A_path_stands_once() => await DoesNotStartAsync(
        "Mailbox:Proxy:Routes:1:Path: '/app' stands there twice.",
        [
            ("Mailbox:Proxy:CallerKey", Convert.ToBase64String(ProxySite.CallerKey)),
            .. ProxySite.Route(0, "/app", site.Backend.Address), .. ProxySite.Route(1, "/app", site.Backend.Address),
        ]);

    [Fact]
    public async Task Without_a_key_for_its_callers_a_route_is_for_Development() => await DoesNotStartAsync(
        "Mailbox:Proxy:CallerKey is not set", [.. ProxySite.Route(0, "/app", site.Backend.Address)]);

    [Fact]
    public async Task A_key_that_is_too_short_is_not_told()
    {
        const string Short = "c2hvcnQta2V5";
        var output = await DoesNotStartAsync("Mailbox:Proxy:CallerKey is in base64, at least 32 bytes.", [("Mailbox:Proxy:CallerKey", Short)]);
        output.ShouldNotContain(Short);
    }

    [Fact]
    public async Task A_route_for_all_the_rest_leaves_the_servers_own_alone()
    {
        await using var node = await site.Redis.StartNodeAsync(
            [("Mailbox:Proxy:CallerKey", Convert.ToBase64String(ProxySite.CallerKey)), .. ProxySite.Route(0, "/", site.Raw.Address)]);
        var path = site.Raw.On("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nrest");

        (await node.GetAsync($"/x/{path}")).Text.ShouldBe("rest");
        (await node.GetAsync("/health/ready")).Json.GetProperty("status").GetString().ShouldBe("ready");
        (await node.GetAsync("/v1/nothing")).Problem.ShouldBe("not-found");
        (await RawHttp.RequestAsync(node.BaseAddress, "GET", "/V1/mailboxes/x")).Status.ShouldBe(400);
        (await RawHttp.RequestAsync(node.BaseAddress, "GET", "/%76%31/mailboxes/x")).Status.ShouldBe(400);
    }

    private async Task<string> DoesNotStartAsync(string told, (string Name, string Value)[] settings)
    {
        await using var node = await MailboxNode.StartAsync(site.Redis, new MailboxNodeOptions
        {
            WaitsUntilReady = false,
            Settings = settings.ToDictionary(setting => setting.Name, setting => setting.Value),
        });
        (await node.WaitForExitAsync(Patience.Start)).ShouldBe(1);
        await node.SaysAsync(told);
        return string.Join('\n', node.Output);
    }
}
