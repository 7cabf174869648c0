using System.Net;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.Access;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Many;

/// <summary>Every mailbox of the list is asked for, and the connection ends with the right that it rests on (G12).</summary>
[Collection(AccessSite.Name)]
public sealed class Rights(AccessSite site)
{
    public static TheoryData<Way> EachWay { get; } = new(ManyCalls.Ways);

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task Without_the_right_to_one_none_is_opened(Way way)
    {
        var mailboxes = ManyCalls.Fresh(3);
        var refused = await Should.ThrowAsync<OpenRefusedException>(
            () => site.A.OpenManyAsync(way, mailboxes, AccessSite.With(AccessSite.OpenOf($"{mailboxes[0]} {mailboxes[2]}"))));
        (refused.Status, refused.ProblemType).ShouldBe((HttpStatusCode.Forbidden, ProblemTypes.Forbidden));
        refused = await Should.ThrowAsync<OpenRefusedException>(() => site.A.OpenManyAsync(way, mailboxes));
        refused.Status.ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var mailbox in mailboxes) await site.ShouldNotExistAsync(mailbox);

        await using var receiver = await site.A.OpenManyAsync(way, mailboxes, AccessSite.With(AccessSite.OpenOf("many-*")));
        await receiver.AllOpenAsync(mailboxes);
    }

    [Fact]
    public async Task A_ticket_is_for_one_mailbox_and_admits_its_receiver_to_it_again()
    {
        var mailboxes = ManyCalls.Fresh(2);
        var ticket = await AccessSite.TicketAsync(site.A, AccessSite.OpenOf("many-*"), mailboxes[0]);
        var with = new ReceiverOptions { Ticket = ticket.Ticket };
        foreach (var way in ManyCalls.Ways)
        {
            await ShouldBeRefusedAsync(way, mailboxes, with, HttpStatusCode.Forbidden);
            await ShouldBeRefusedAsync(way, mailboxes[1..], with, HttpStatusCode.Unauthorized);
        }

        await ShouldBeRefusedAsync(Way.WebSocket, [], with, HttpStatusCode.Unauthorized);
        string places;
        await using (var receiver = await site.A.OpenManyAsync(Way.Sse, mailboxes[..1], with))
        {
            await receiver.AllOpenAsync(mailboxes[..1]);
            places = receiver.LastPlaces!;
            await ShouldBeRefusedAsync(Way.Sse, mailboxes[..1], with, HttpStatusCode.Unauthorized);
        }

        await using var again = await site.B.OpenManyAsync(Way.Sse, mailboxes[..1], with with { LastEventId = places });
        await again.AllOpenAsync(mailboxes[..1]);
    }

    [Fact]
    public async Task A_list_that_is_kept_is_no_key()
    {
        var mailboxes = ManyCalls.Fresh(2);
        var body = JsonSerializer.SerializeToUtf8Bytes(new OpenListRequest(mailboxes), MailboxJsonContext.Default.OpenListRequest);
        var (one, all) = (AccessSite.OpenOf(mailboxes[0]), AccessSite.OpenOf("many-*"));
        (await PostAsync(one)).Status.ShouldBe(403);
        var kept = JsonSerializer.Deserialize((await PostAsync(all)).Body, MailboxJsonContext.Default.OpenListAnswer)!;
        foreach (var way in ManyCalls.Ways)
        {
            var refused = await Should.ThrowAsync<OpenRefusedException>(
                () => site.B.OpenAsync(way, "unused", AccessSite.With(one) with { List = kept.Id }));
            refused.Status.ShouldBe(HttpStatusCode.Forbidden, $"{way}");
        }

        foreach (var mailbox in mailboxes) await site.ShouldNotExistAsync(mailbox);
        await using var receiver = await site.B.OpenAsync(Way.Ndjson, "unused", AccessSite.With(all) with { List = kept.Id });
        await receiver.AllOpenAsync(mailboxes);

        Task<Answer> PostAsync(string token) =>
            site.A.CallAsync("POST", MailboxRoutes.Opens, body, AccessSite.Bearer(token), ("Content-Type", "application/json"));
    }

    [Fact]
    public async Task What_is_opened_live_is_asked_for_as_well()
    {
        var mailboxes = ManyCalls.Fresh(2);
        await using var socket = await site.A.OpenSocketAsync(mailboxes[..1], AccessSite.With(AccessSite.OpenOf(mailboxes[0])));
        await socket.AllOpenAsync(mailboxes[..1]);
        await socket.SayAsync($$"""{"open":"{{mailboxes[1]}}"}""");
        await socket.NextIsAsync(ControlEvents.Refused, mailboxes[1], "forbidden");
        await site.ShouldNotExistAsync(mailboxes[1]);

        var ticket = await AccessSite.TicketAsync(site.A, AccessSite.OpenOf(mailboxes[1]), mailboxes[1]);
        await using var admitted = await site.A.OpenSocketAsync(mailboxes[1..], new() { Ticket = ticket.Ticket });
        await admitted.AllOpenAsync(mailboxes[1..]);
        await admitted.SayAsync($$"""{"close":"{{mailboxes[1]}}"}""");
        await admitted.NextIsAsync(ControlEvents.Closed, mailboxes[1]);
        await admitted.SayAsync($$"""{"open":"{{mailboxes[1]}}"}""");
        await admitted.NextIsAsync(ControlEvents.Refused, mailboxes[1], "forbidden");
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_revoked_token_s_connection_ends_as_a_whole(Way way)
    {
        var mailboxes = ManyCalls.Fresh(5);
        var id = Names.Fresh("jti");
        var token = AccessSite.Issuer.Make("revoked", ("mailbox.open", "many-*"), ("jti", id));
        await using var receiver = await site.B.OpenManyAsync(way, mailboxes, AccessSite.With(token));
        await receiver.AllOpenAsync(mailboxes);

        await site.RevokeAsync($$"""{"token":"{{id}}"}""");

        await ShouldEndAsync(receiver);
    }

    [Fact]
    public async Task A_WebSocket_whose_mailboxes_are_all_closed_ends_with_its_right_too()
    {
        var mailbox = Names.Fresh("many-none");
        var id = Names.Fresh("jti");
        var revoked = AccessSite.Issuer.Make("revoked", ("mailbox.open", "many-*"), ("jti", id));
        await using var first = await site.A.OpenSocketAsync([mailbox], AccessSite.With(revoked));
        await first.AllOpenAsync([mailbox]);
        await first.SayAsync($$"""{"close":"{{mailbox}}"}""");
        await first.NextIsAsync(ControlEvents.Closed);
        var over = AccessSite.Issuer.Make("over", ("mailbox.open", "many-*"), ("exp", TokenIssuer.In(20)));
        await using var second = await site.B.OpenSocketAsync([], AccessSite.With(over));

        await site.RevokeAsync($$"""{"token":"{{id}}"}""");

        await ShouldEndAsync(first);
        await ShouldEndAsync(second);
    }

    private static async Task ShouldEndAsync(StreamReceiver receiver)
    {
        var told = await receiver.NextAsync(Patience.Start);
        told.IsControl(ControlEvents.Unauthorized).ShouldBeTrue(told.ToString());
        told.Mailbox.ShouldBeNull();
        (await receiver.ToEndAsync()).ShouldBeEmpty();
        if (receiver is WebSocketReceiver socket)
        {
            socket.CloseCode.ShouldBe(4401);
        }
    }

    private async Task ShouldBeRefusedAsync(Way way, IReadOnlyList<string> mailboxes, ReceiverOptions options, HttpStatusCode status) =>
        (await Should.ThrowAsync<OpenRefusedException>(() => site.A.OpenManyAsync(way, mailboxes, options))).Status.ShouldBe(status, $"{way}");
}
