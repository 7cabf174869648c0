using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>A stream ends with the right that it rests on: when that is over, or was revoked.</summary>
[Collection(AccessSite.Name)]
public sealed class ExpiryTests(AccessSite site)
{
    [Fact]
    public async Task Every_stream_ends_when_its_token_is_over_and_not_before_and_its_messages_stay()
    {
        var ends = TokenIssuer.In(12);
        var over = DateTimeOffset.FromUnixTimeSeconds(ends) + AccessSite.Skew;
        var streams = await Task.WhenAll(Ways.All.Select(async way =>
        {
            var mailbox = Names.Fresh("expiry");
            var token = AccessSite.Issuer.Make("opener", ("mailbox.open", mailbox), ("exp", ends));
            return (way, mailbox, token, receiver: await site.A.OpenAsync(way, mailbox, AccessSite.With(token)));
        }));

        await Task.WhenAll(streams.Select(async stream =>
        {
            await using var receiver = stream.receiver;
            await receiver.NextIsAsync(ControlEvents.Open);
            await receiver.NextControlAsync(ControlEvents.Unauthorized, TimeSpan.FromSeconds(40));
            DateTimeOffset.UtcNow.ShouldBeGreaterThan(over.AddSeconds(-0.2), $"{stream.way}");
            if (stream.way != Way.LongPoll)
            {
                (await receiver.NextAsync(Patience.Long)).Kind.ShouldBe(ReceivedKind.End, $"{stream.way}");
            }

            if (receiver is WebSocketReceiver socket)
            {
                await Eventually.HoldsAsync(() => socket.CloseCode == 4401, Patience.Long, "it is closed with 4401");
            }

            ((int)(await Should.ThrowAsync<OpenRefusedException>(() => site.A.OpenAsync(stream.way, stream.mailbox, AccessSite.With(stream.token)))).Status)
                .ShouldBe(401);
            await site.A.DeliverAsync(stream.mailbox, "late", AccessSite.Bearer(AccessSite.Admin));
            await using var next = await site.B.OpenAsync(stream.way, stream.mailbox, AccessSite.With(AccessSite.OpenOf(stream.mailbox)));
            (await next.MessageAsync()).Text.ShouldBe("late");
        }));
    }

    [Theory]
    [InlineData(Way.Sse)]
    [InlineData(Way.WebSocket)]
    [InlineData(Way.WebSocketOverHttp2)]
    [InlineData(Way.Ndjson)]
    [InlineData(Way.LongPoll)]
    public async Task A_revoked_token_s_streams_end_on_another_node_too_and_it_is_refused(Way way)
    {
        var mailbox = Names.Fresh("revoked");
        var id = Names.Fresh("jti");
        var token = AccessSite.Issuer.Make("revoked", ("mailbox.open", mailbox), ("jti", id));
        var other = AccessSite.Issuer.Make("revoked", ("mailbox.open", mailbox), ("jti", id + "x"));
        await using var receiver = await site.B.OpenAsync(way, mailbox, AccessSite.With(token));
        await using var watcher = await site.B.OpenAsync(Way.Sse, mailbox, AccessSite.With(other) with { Mode = "shared" });

        await site.RevokeAsync($$"""{"token":"{{id}}","remember":600}""");

        await ShouldBeRefusedAsync(site.A, way, mailbox, AccessSite.With(token));
        await receiver.NextControlAsync(ControlEvents.Unauthorized, Patience.Start);
        await ShouldBeRefusedAsync(site.B, way, mailbox, AccessSite.With(token));
        await watcher.NextIsAsync(ControlEvents.Open);
        await watcher.SilenceAsync();
    }

    [Fact]
    public async Task A_revoked_caller_is_out_with_all_that_was_given_until_then_and_in_with_what_comes_after()
    {
        var mailbox = Names.Fresh("revoked");
        var caller = Names.Fresh("caller");
        var token = AccessSite.Issuer.Make(caller, ("mailbox.open", mailbox));
        var undated = AccessSite.Issuer.Make(caller, ("mailbox.open", mailbox), ("iat", null));
        var ticket = await AccessSite.TicketAsync(site.B, token, mailbox);
        var unused = await AccessSite.TicketAsync(site.B, token, mailbox);
        await using var receiver = await site.B.OpenAsync(Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket });
        await using var watcher = await site.B.OpenAsync(Way.Sse, mailbox, AccessSite.With(undated) with { Mode = "shared" });

        await site.RevokeAsync($$"""{"caller":"{{caller}}"}""");

        await receiver.NextControlAsync(ControlEvents.Unauthorized, Patience.Start);
        await watcher.NextControlAsync(ControlEvents.Unauthorized, Patience.Start);
        foreach (var node in new[] { site.A, site.B })
        {
            await ShouldBeRefusedAsync(node, Way.Sse, mailbox, AccessSite.With(token));
            await ShouldBeRefusedAsync(node, Way.Sse, mailbox, AccessSite.With(undated));
            await ShouldBeRefusedAsync(node, Way.Sse, mailbox, new ReceiverOptions { Ticket = unused.Ticket });
            await ShouldBeRefusedAsync(node, Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket, LastEventId = receiver.LastCursor });
        }

        foreach (object issued in new object[] { TokenIssuer.In(5), TokenIssuer.In(5) + 0.25 })
        {
            var later = AccessSite.Issuer.Make(caller, ("mailbox.open", mailbox), ("iat", issued));
            await using var next = await site.A.OpenAsync(Way.Sse, mailbox, AccessSite.With(later));
            await next.NextIsAsync(ControlEvents.Open);
        }
    }

    [Fact]
    public async Task A_ticket_goes_with_its_token_and_by_its_own_id()
    {
        var mailbox = Names.Fresh("revoked");
        var id = Names.Fresh("jti");
        var token = AccessSite.Issuer.Make("revoked", ("mailbox.open", mailbox), ("jti", id));
        var ofToken = await AccessSite.TicketAsync(site.A, token, mailbox, mode: "shared");
        var own = await AccessSite.TicketAsync(site.A, AccessSite.OpenOf(mailbox), mailbox);
        await using var watcher = await site.B.OpenAsync(Way.Sse, mailbox, new ReceiverOptions { Ticket = ofToken.Ticket, Mode = "shared" });
        await using var receiver = await site.B.OpenAsync(Way.Sse, mailbox, new ReceiverOptions { Ticket = own.Ticket });

        await site.RevokeAsync($$"""{"token":"{{id}}"}""");
        await watcher.NextControlAsync(ControlEvents.Unauthorized, Patience.Start);
        await receiver.NextIsAsync(ControlEvents.Open);
        await receiver.SilenceAsync();

        await site.RevokeAsync($$"""{"token":"{{own.Id}}"}""");
        await receiver.NextControlAsync(ControlEvents.Unauthorized, Patience.Start);
        await ShouldBeRefusedAsync(site.B, Way.Sse, mailbox, new ReceiverOptions { Ticket = own.Ticket, LastEventId = receiver.LastCursor });
        ((long)(await site.RedisAsync("PTTL", "mailbox:revocations"))!).ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"token":"a","caller":"b"}""")]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"caller":null}""")]
    [InlineData("""{"caller":"a","remember":0}""")]
    [InlineData("""{"caller":"a","remember":2592001}""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_revocation_that_cannot_be_is_refused(string body)
    {
        var refused = await AccessSite.PostAsync(site.A, MailboxRoutes.Revocations, body, AccessSite.Bearer(AccessSite.Admin));

        refused.Status.ShouldBe(400);
        refused.Problem.ShouldBe("invalid-body");
        refused = await AccessSite.PostAsync(
            site.A, MailboxRoutes.Revocations, $$"""{"caller":"{{new string('c', 257)}}"}""", AccessSite.Bearer(AccessSite.Admin));
        refused.Problem.ShouldBe("invalid-body");
    }

    private static async Task ShouldBeRefusedAsync(MailboxNode node, Way way, string mailbox, ReceiverOptions options) =>
        ((int)(await Should.ThrowAsync<OpenRefusedException>(async () => await (await node.OpenAsync(way, mailbox, options)).DisposeAsync())).Status)
            .ShouldBe(401, $"{way}");
}
