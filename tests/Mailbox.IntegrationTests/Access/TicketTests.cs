using System.Net;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>A ticket admits one receiver, who can send no header, to one mailbox.</summary>
[Collection(AccessSite.Name)]
public sealed class TicketTests(AccessSite site)
{
    [Theory]
    [MemberData(nameof(AllWays))]
    public async Task A_ticket_opens_once_and_who_comes_with_it_again_does_not_disturb(Way way)
    {
        var mailbox = await site.PrimedAsync("m1");
        var ticket = await AccessSite.TicketAsync(site.A, AccessSite.OpenOf(mailbox), mailbox);
        ticket.Location.ShouldBe($"/v1/mailboxes/{mailbox}?ticket={ticket.Ticket}");
        await using var receiver = await site.B.OpenAsync(way, mailbox, new ReceiverOptions { Ticket = ticket.Ticket });
        (await receiver.MessageAsync()).Text.ShouldBe("m1");

        foreach (var other in Ways.All)
        {
            await ShouldBeRefusedAsync(site.A, other, mailbox, new ReceiverOptions { Ticket = ticket.Ticket });
            await ShouldBeRefusedAsync(site.A, other, mailbox, new ReceiverOptions { Ticket = ticket.Ticket, After = "now" });
        }

        await site.A.DeliverAsync(mailbox, "m2", AccessSite.Bearer(AccessSite.Admin));
        (await receiver.MessageAsync()).Text.ShouldBe("m2");
    }

    public static TheoryData<Way> AllWays => [.. Ways.All];

    [Theory]
    [MemberData(nameof(AllWays))]
    public async Task Its_receiver_comes_back_with_a_cursor_that_it_was_given_on_any_node(Way way)
    {
        var mailbox = await site.PrimedAsync("m1");
        var ticket = await AccessSite.TicketAsync(site.A, AccessSite.OpenOf(mailbox), mailbox);
        string? cursor;
        await using (var first = await site.A.OpenAsync(way, mailbox, new ReceiverOptions { Ticket = ticket.Ticket }))
        {
            (await first.MessageAsync()).Text.ShouldBe("m1");
            cursor = first.LastCursor;
        }

        await site.A.DeliverAsync(mailbox, "m2", AccessSite.Bearer(AccessSite.Admin));
        var asItself = new ReceiverOptions { Ticket = ticket.Ticket };
        await using var second = await site.B.OpenAsync(
            way, mailbox, way.IsWebSocket() ? asItself with { After = cursor } : asItself with { LastEventId = cursor });

        (await second.MessageAsync()).Text.ShouldBe("m2");
    }

    [Fact]
    public async Task Another_receiver_s_cursor_does_not_admit()
    {
        var mailbox = await site.PrimedAsync("m1");
        var token = AccessSite.OpenOf(mailbox);
        var ticket = await AccessSite.TicketAsync(site.A, token, mailbox);
        await using (var first = await site.A.OpenAsync(Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket }))
        {
            await first.MessageAsync();
        }

        await using var other = await site.A.OpenAsync(Way.Sse, mailbox, AccessSite.With(token));
        var cursor = (await other.NextIsAsync(ControlEvents.Open)).Cursor;

        await ShouldBeRefusedAsync(site.A, Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket, LastEventId = cursor });
        await ShouldBeRefusedAsync(site.A, Way.LongPoll, mailbox, new ReceiverOptions { Ticket = ticket.Ticket, After = cursor });
        await site.A.DeliverAsync(mailbox, "m2", AccessSite.Bearer(AccessSite.Admin));
        while ((await other.NextAsync(Patience.Long)) is var next && next.Text != "m2")
        {
            next.Kind.ShouldBe(ReceivedKind.Message);
        }
    }

    [Fact]
    public async Task A_receiver_that_the_URL_names_is_not_whom_it_admits()
    {
        const string Named = "00000000000000aa";
        var mailbox = await site.PrimedAsync("m1");
        var ticket = await AccessSite.TicketAsync(site.A, AccessSite.OpenOf(mailbox), mailbox);
        await using var receiver = await site.A.OpenAsync(Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket, Receiver = Named });

        var opened = await receiver.NextIsAsync(ControlEvents.Open);

        opened.Json!.Value.GetProperty("receiver").GetString().ShouldNotBe(Named);
        Cursor.TryParse(opened.Cursor, out var own).ShouldBeTrue();
        Identifier.TryParse(Named, out var named).ShouldBeTrue();
        await ShouldBeRefusedAsync(
            site.A, Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket, LastEventId = (own with { Receiver = named }).ToString() });
    }

    [Fact]
    public async Task A_first_open_that_comes_late_is_refused()
    {
        var mailbox = await site.PrimedAsync("m1");
        var ticket = await AccessSite.TicketAsync(site.C, AccessSite.OpenOf(mailbox), mailbox);
        (ticket.OpenBefore - DateTimeOffset.UtcNow).ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(
            async () => await site.RedisAsync("EXISTS", KeyOf(mailbox, ticket)) is 0L, Patience.Long, "the ticket is forgotten");

        await ShouldBeRefusedAsync(site.C, Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket });
        await ShouldBeRefusedAsync(site.A, Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket });
    }

    [Fact]
    public async Task Another_mailbox_or_another_mode_is_refused_and_the_ticket_is_still_good()
    {
        var mailbox = await site.PrimedAsync("m1");
        var neighbour = await site.PrimedAsync("secret");
        var token = AccessSite.OpenOf($"{mailbox} {neighbour}");
        var own = await AccessSite.TicketAsync(site.A, token, mailbox);
        var shared = await AccessSite.TicketAsync(site.A, token, mailbox, mode: "shared");
        foreach (var way in Ways.All)
        {
            await ShouldBeRefusedAsync(site.A, way, neighbour, new ReceiverOptions { Ticket = own.Ticket });
            await ShouldBeRefusedAsync(site.A, way, mailbox + "x", new ReceiverOptions { Ticket = own.Ticket });
            await ShouldBeRefusedAsync(site.A, way, mailbox, new ReceiverOptions { Ticket = own.Ticket, Mode = "shared" });
            await ShouldBeRefusedAsync(site.A, way, mailbox, new ReceiverOptions { Ticket = shared.Ticket });
            await ShouldBeRefusedAsync(site.A, way, mailbox, new ReceiverOptions { Ticket = own.Ticket.ToUpperInvariant() });
            await ShouldBeRefusedAsync(site.A, way, mailbox, new ReceiverOptions { Ticket = own.Id });
        }

        await site.ShouldNotExistAsync(mailbox + "x");
        (await site.A.CallAsync("GET", MailboxRoutes.ForInfo(mailbox), null, AccessSite.Bearer(AccessSite.Admin)))
            .Json.GetProperty("connected").GetBoolean().ShouldBeFalse();
        await using var watcher = await site.A.OpenAsync(Way.Sse, mailbox, new ReceiverOptions { Ticket = shared.Ticket, Mode = "shared" });
        await using var receiver = await site.A.OpenAsync(Way.Sse, mailbox, new ReceiverOptions { Ticket = own.Ticket });
        (await receiver.MessageAsync()).Text.ShouldBe("m1");
        (await watcher.MessageAsync()).Text.ShouldBe("m1");
    }

    [Fact]
    public async Task Its_receiver_acknowledges_with_it_and_no_other()
    {
        var mailbox = await site.PrimedAsync("m1");
        var token = AccessSite.OpenOf(mailbox);
        var ticket = await AccessSite.TicketAsync(site.A, token, mailbox);
        var unused = await AccessSite.TicketAsync(site.A, token, mailbox);
        await using var receiver = await site.A.OpenAsync(Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket, Ack = "client" });
        var cursor = (await receiver.MessageAsync()).Cursor!;

        (await AckAsync(unused.Ticket)).Status.ShouldBe(401);
        (await AckAsync(ticket.Ticket + "x")).Status.ShouldBe(401);
        (await site.BodiesAsync(mailbox)).ShouldBe(["m1"]);
        (await AckAsync(ticket.Ticket)).Status.ShouldBe(204);
        (await site.BodiesAsync(mailbox)).ShouldBeEmpty();

        await site.A.DeliverAsync(mailbox, "m2", AccessSite.Bearer(AccessSite.Admin));
        await using var other = await site.A.OpenAsync(Way.Sse, mailbox, AccessSite.With(token) with { Ack = "client" });
        cursor = (await other.MessageAsync()).Cursor!;
        (await AckAsync(ticket.Ticket)).Status.ShouldBe(401);
        (await site.BodiesAsync(mailbox)).ShouldBe(["m2"]);

        Task<Answer> AckAsync(string with) =>
            AccessSite.PostAsync(site.A, $"{MailboxRoutes.ForAck(mailbox)}?ticket={with}", $$"""{"cursor":"{{cursor}}"}""");
    }

    [Fact]
    public async Task A_ticket_opens_and_does_nothing_else()
    {
        var mailbox = await site.PrimedAsync("m1");
        var ticket = await AccessSite.TicketAsync(site.A, AccessSite.Admin, mailbox); // of somebody who may do all
        foreach (var route in AccessRoute.All.Where(route => route is not ({ Method: "GET", Target: "/v1/mailboxes/{}" or "/v1/mailboxes/{}?wait=0" or "/v1/open?m={}" })))
        {
            var refused = await route.SendAsync(site.A.BaseAddress, mailbox, "", $"ticket={ticket.Ticket}");
            refused.Status.ShouldBe(401, $"{route}: {refused.Text}");
            refused = await route.SendAsync(site.A.BaseAddress, mailbox, $"Authorization: Bearer {ticket.Ticket}\r\n");
            refused.Status.ShouldBe(401, $"{route}: {refused.Text}");
        }

        (await site.BodiesAsync(mailbox)).ShouldBe(["m1"]);
    }

    [Theory]
    [InlineData("""{"mailbox":"$","mode":"admin"}""", 400)]
    [InlineData("""{"mailbox":"$","lifetime":0}""", 400)]
    [InlineData("""{"mailbox":"$","lifetime":-1}""", 400)]
    [InlineData("""{"mailbox":"$","lifetime":86401}""", 400)]
    [InlineData("""{"mailbox":"$","lifetime":1.5}""", 400)]
    [InlineData("""{"mailbox":"$"}{}""", 400)]
    [InlineData("""{"mailbox":null}""", 400)]
    [InlineData("""{}""", 400)]
    [InlineData("""[]""", 400)]
    [InlineData("", 400)]
    [InlineData("""{"mailbox":"."}""", 400)]
    [InlineData("""{"mailbox":"a/b"}""", 400)]
    [InlineData("""{"mailbox":"$x"}""", 403)]
    [InlineData("""{"mailbox":"~x"}""", 403)]
    public async Task A_ticket_that_cannot_be_is_refused(string body, int status)
    {
        var mailbox = Names.Fresh("ticket");
        var token = AccessSite.OpenOf(mailbox);

        var refused = await AccessSite.PostAsync(
            site.A, MailboxRoutes.Tickets, body.Replace("$", mailbox, StringComparison.Ordinal), AccessSite.Bearer(token));

        refused.Status.ShouldBe(status, refused.Text);
        refused.Problem.ShouldNotBeNull();
        await site.ShouldNotExistAsync(mailbox);
    }

    [Fact]
    public async Task It_ends_after_its_lifetime_and_never_after_the_token_that_it_was_got_with()
    {
        var mailbox = await site.PrimedAsync("m1");
        var ticket = await AccessSite.TicketAsync(site.A, AccessSite.OpenOf(mailbox), mailbox, lifetime: 3);
        await using var receiver = await site.A.OpenAsync(Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket });
        await receiver.ControlAsync(ControlEvents.Unauthorized);
        DateTimeOffset.UtcNow.ShouldBeGreaterThan(ticket.Expires.AddSeconds(-0.2));
        (await receiver.NextAsync(Patience.Long)).Kind.ShouldBe(ReceivedKind.End);
        await ShouldBeRefusedAsync(site.A, Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket, LastEventId = receiver.LastCursor });
        await Eventually.HoldsAsync(async () => await site.RedisAsync("EXISTS", KeyOf(mailbox, ticket)) is 0L, Patience.Long, "it is forgotten");

        var ends = TokenIssuer.In(100);
        var token = AccessSite.Issuer.Make("opener", ("mailbox.open", mailbox), ("exp", ends));
        (await AccessSite.TicketAsync(site.A, token, mailbox, lifetime: 3_600)).Expires
            .ShouldBe(DateTimeOffset.FromUnixTimeSeconds(ends) + AccessSite.Skew);
        (await AccessSite.TicketAsync(site.A, token, mailbox)).Expires.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(ends) + AccessSite.Skew);
        (await AccessSite.TicketAsync(site.A, token, mailbox, lifetime: 10)).Expires.ShouldBeLessThan(DateTimeOffset.UtcNow.AddSeconds(11));
    }

    [Fact]
    public async Task Redis_holds_no_ticket_but_its_hash_and_that_goes_by_itself()
    {
        var mailbox = Names.Fresh("ticket");
        var ticket = await AccessSite.TicketAsync(site.A, AccessSite.OpenOf(mailbox), mailbox);
        await ShouldBeSafeAsync(least: 1, most: 30_000);
        (await site.A.CallAsync("GET", $"/v1/mailboxes?prefix={mailbox}", null, AccessSite.Bearer(AccessSite.Admin))).Text.ShouldNotContain(mailbox);

        await using var receiver = await site.A.OpenAsync(Way.Sse, mailbox, new ReceiverOptions { Ticket = ticket.Ticket });
        await ShouldBeSafeAsync(least: 3_000_000, most: 3_600_000);
        await receiver.NextIsAsync(ControlEvents.Open);

        async Task ShouldBeSafeAsync(long least, long most)
        {
            var secret = ticket.Ticket["mbt_".Length..];
            ((long)(await site.RedisAsync("PTTL", KeyOf(mailbox, ticket)))!).ShouldBeInRange(least, most);
            foreach (var key in ((object?[])(await site.RedisAsync("KEYS", $"*{mailbox}*"))!).Select(key => RedisCli.TextOf(key)!))
            {
                ((long)(await site.RedisAsync("PTTL", key))!).ShouldBeGreaterThan(0, key);
                key.ShouldNotContain(secret);
                var fields = await site.RedisAsync("TYPE", key) is "hash" ? (object?[])(await site.RedisAsync("HGETALL", key))! : [];
                fields.Select(RedisCli.TextOf).ShouldAllBe(text => !text!.Contains(secret, StringComparison.Ordinal));
            }
        }
    }

    /// <summary>Where an open fails after the ticket was given to its receiver, no cursor was given out: it is nobody's again.</summary>
    [Fact]
    public async Task An_open_that_fails_does_not_use_it_up()
    {
        var mailbox = Names.Fresh("ticket");
        var ticket = await AccessSite.TicketAsync(site.A, AccessSite.OpenOf(mailbox), mailbox);
        await site.RedisAsync("SET", Keys.HashOf(mailbox), "not a hash");
        var options = new ReceiverOptions { Ticket = ticket.Ticket };
        (await Should.ThrowAsync<OpenRefusedException>(() => site.A.OpenAsync(Way.Sse, mailbox, options))).ProblemType.ShouldBe(ProblemTypes.StoreConflict);
        ((long)(await site.RedisAsync("PTTL", KeyOf(mailbox, ticket)))!).ShouldBeInRange(1, 30_000);
        await site.RedisAsync("DEL", Keys.HashOf(mailbox));

        await using var receiver = await site.B.OpenAsync(Way.Sse, mailbox, options);

        await receiver.NextIsAsync(ControlEvents.Open);
    }

    private static string KeyOf(string mailbox, TicketAnswer ticket) => $"mailbox:{{{mailbox}}}:ticket:{ticket.Id}";

    private static async Task ShouldBeRefusedAsync(MailboxNode node, Way way, string mailbox, ReceiverOptions options)
    {
        var refused = await Should.ThrowAsync<OpenRefusedException>(async () => await (await node.OpenAsync(way, mailbox, options)).DisposeAsync());
        refused.Status.ShouldBe(HttpStatusCode.Unauthorized, $"{way}: {refused.Body}");
        refused.ProblemType.ShouldBe(ProblemTypes.Unauthorized);
        refused.Headers["WWW-Authenticate"].ShouldBe("Bearer");
    }
}
