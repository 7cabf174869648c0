using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>A node that would let everybody in says so, and does not start.</summary>
public sealed class StartTests(Cluster cluster)
{
    /// <summary>Any setting of this kind keeps the test kit from letting everybody in.</summary>
    private static readonly (string Name, string Value) Neutral = ("Mailbox:Access:TicketWait", "00:00:30");

    [Theory]
    [InlineData("Production", null, "Nobody said who may call: set Mailbox:Access:Jwt or Mailbox:Access:ApiKeys, or Mailbox:Access:AllowAnonymous=true")]
    [InlineData("Staging", null, "Nobody said who may call")]
    [InlineData("Development", "http://0.0.0.0:{0}", "0.0.0.0:{0} can be reached from other machines, and nobody said who may call")]
    [InlineData("Development", "http://[::]:{0}", "can be reached from other machines")]
    [InlineData("Development", "http://*:{0}", "can be reached from other machines")]
    public async Task Without_access_it_does_not_start_where_others_reach_it(string environment, string? url, string said)
    {
        var port = $"{FreePorts.Take()}";
        var options = OptionsOf(environment, url is null ? [Neutral] : [Neutral, ("Kestrel:Endpoints:http:Url", url.Replace("{0}", port, StringComparison.Ordinal))]);
        await using var node = await MailboxNode.StartAsync(options with { WaitsUntilReady = false });

        (await node.WaitForExitAsync(Patience.Start)).ShouldBe(1, string.Join('\n', node.Output));

        var output = string.Join('\n', node.Output);
        output.ShouldContain(said.Replace("{0}", port, StringComparison.Ordinal));
        output.ShouldNotContain("Unhandled exception", customMessage: output);
        output.ShouldNotContain("   at ", customMessage: output);
    }

    [Fact]
    public async Task In_development_it_starts_on_the_loopback_for_everybody_and_by_no_other_name()
    {
        await using var node = await MailboxNode.StartAsync(OptionsOf("Development", [Neutral]));

        (await node.DeliverAsync(Names.Fresh("start"), "m")).Status.ShouldBe(202);
        foreach (var (host, status) in new[] { ("localhost", 200), ("127.0.0.1", 200), ("[::1]", 200), ("evil.example.com", 400), ("127.0.0.1.evil.example.com", 400) })
        {
            // A page whose own name was made to lead here must not be taken for the server's own (DNS rebinding).
            (await node.CallAsync("GET", "/health/live", null, ("Host", $"{host}:{node.BaseAddress.Port}"))).Status.ShouldBe(status, host);
        }
    }

    /// <summary>One of what AccessCheck refuses; its own tests have them all.</summary>
    [Fact]
    public async Task A_setting_that_cannot_work_is_named()
    {
        await using var node = await MailboxNode.StartAsync(
            OptionsOf("Production", [("Mailbox:Access:Jwt:Authority", "http://authority.example.com"), ("Mailbox:Access:Jwt:Audience", "x")])
                with
            { WaitsUntilReady = false });

        (await node.WaitForExitAsync(Patience.Start)).ShouldBe(1);
        string.Join('\n', node.Output).ShouldContain("Mailbox:Access:Jwt:Authority is an https address (http only on the loopback).");
    }

    private MailboxNodeOptions OptionsOf(string environment, (string Name, string Value)[] settings) => new()
    {
        Redis = cluster.Redis.ConnectionString,
        Environment = environment,
        StartDeadline = Patience.Start,
        Settings = settings.ToDictionary(setting => setting.Name, setting => setting.Value),
    };
}
