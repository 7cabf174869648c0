using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>Keys of backends: as good as a token in the header, and nowhere else.</summary>
[Collection(AccessSite.Name)]
public sealed class ApiKeyTests(AccessSite site)
{
    [Theory]
    [InlineData(AccessSite.Backend, 202)]
    [InlineData(AccessSite.BackendNext, 202)]
    [InlineData(AccessSite.Operator, 202)]
    [InlineData(AccessSite.Reader, 403)]
    [InlineData(AccessSite.Backend + "x", 401)]
    [InlineData("mbk_", 401)]
    [InlineData("backend", 401)]
    public async Task A_key_does_what_it_is_for(string key, int status)
    {
        var mailbox = Names.Fresh("keys");

        (await site.A.DeliverAsync(mailbox, "m", AccessSite.Bearer(key))).Status.ShouldBe(status);

        if (status != 202)
        {
            await site.ShouldNotExistAsync(mailbox);
        }
    }

    [Fact]
    public async Task A_key_opens_what_it_may()
    {
        var mailbox = "readers." + Names.Fresh();
        await site.A.DeliverAsync(mailbox, "m", AccessSite.Bearer(AccessSite.Backend));

        await using var receiver = await site.B.OpenAsync(Way.WebSocket, mailbox, AccessSite.With(AccessSite.Reader));

        (await receiver.MessageAsync()).Text.ShouldBe("m");
        (await Should.ThrowAsync<OpenRefusedException>(() => site.B.OpenAsync(Way.Sse, mailbox[8..], AccessSite.With(AccessSite.Reader))))
            .Status.ShouldBe(System.Net.HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_key_is_no_cookie()
    {
        (await site.A.CallAsync("POST", "/v1/cookie", [], AccessSite.Bearer(AccessSite.Backend))).Problem.ShouldBe("invalid-header");
        var mailbox = Names.Fresh("keys");

        (await site.A.DeliverAsync(mailbox, "m", ("Cookie", $"{AccessSite.Cookie}={AccessSite.Backend}"), ("Sec-Fetch-Site", "same-origin")))
            .Status.ShouldBe(401);
        await site.ShouldNotExistAsync(mailbox);
    }

    [Fact]
    public async Task A_key_in_the_query_is_none()
    {
        var open = new AccessRoute("GET", "/v1/mailboxes/{}?wait=0", Headers: "Accept: application/json\r\n");

        (await open.SendAsync(site.A.BaseAddress, "readers.x", "", $"access_token={AccessSite.Reader}")).Status.ShouldBe(401);
    }
}
