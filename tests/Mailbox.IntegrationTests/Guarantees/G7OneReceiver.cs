using System.Net;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

public class G7OneReceiver(Cluster cluster)
{
    public static TheoryData<Way> EachWay { get; } = new(Ways.All);

    public static TheoryData<Way> EachStream { get; } = new(Ways.Streams);

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task The_newest_receiver_wins_and_the_older_is_told_and_must_not_come_back(Way way)
    {
        var mailbox = Names.Fresh("g7-newest");
        await using var older = await cluster.A.OpenAsync(way, mailbox);
        var own = (await older.NextIsAsync(ControlEvents.Open)).Cursor!;
        var last = older.NextAsync(Patience.Long);
        await cluster.WaitForListenerAsync(mailbox);

        await using var newer = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        await newer.NextIsAsync(ControlEvents.Open);

        var terminal = await AssertReplacedAsync(way, older, await last);
        await AssertRefusedAsync(way, cluster.B, mailbox, own);
        await AssertRefusedAsync(way, cluster.A, mailbox, terminal ?? own);
        await cluster.A.DeliverAsync(mailbox, "for the newer");
        (await newer.MessageAsync()).Text.ShouldBe("for the newer");
        await newer.SilenceAsync();
    }

    [Theory]
    [MemberData(nameof(EachStream))]
    public async Task A_reconnect_of_the_same_receiver_is_no_takeover(Way way)
    {
        var mailbox = Names.Fresh("g7-same");
        await using var earlier = await cluster.A.OpenAsync(way, mailbox);
        var cursor = (await earlier.NextIsAsync(ControlEvents.Open)).Cursor;
        await cluster.A.DeliverAllAsync(mailbox, ["m1"]);
        await earlier.TextsAsync(1);

        await using var later = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { After = earlier.LastCursor });

        (await earlier.ToEndAsync()).ShouldBeEmpty();
        if (earlier is WebSocketReceiver socket)
        {
            socket.CloseCode.ShouldBe(1000);
        }

        await later.NextIsAsync(ControlEvents.Open);
        await cluster.A.DeliverAllAsync(mailbox, ["m2"]);
        (await later.TextsAsync(1)).ShouldBe(["m2"]);

        // Also a third time, with a cursor from its beginning: the same receiver may go back.
        await using var again = await cluster.A.OpenAsync(way, mailbox, new ReceiverOptions { After = cursor });
        (await again.TextsAsync(2)).ShouldBe(["m1", "m2"]);
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_superseded_receiver_may_come_back_when_the_other_has_left(Way way)
    {
        var mailbox = Names.Fresh("g7-back");
        await using var older = await cluster.A.OpenAsync(way, mailbox);
        var own = (await older.NextIsAsync(ControlEvents.Open)).Cursor!;
        await using (var newer = await cluster.B.OpenAsync(Way.Sse, mailbox))
        {
            await newer.NextIsAsync(ControlEvents.Open);
            await AssertRefusedAsync(way, cluster.A, mailbox, own);
        }

        await cluster.A.WaitUntilAbsentAsync(mailbox);
        await cluster.B.DeliverAsync(mailbox, "m1");

        await using var returned = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { After = own });

        (await returned.MessageAsync()).Text.ShouldBe("m1");
    }

    [Theory]
    [MemberData(nameof(EachStream))]
    public async Task The_terminal_id_is_refused_even_when_the_other_has_left(Way way)
    {
        var mailbox = Names.Fresh("g7-terminal");
        await using var older = await cluster.A.OpenAsync(way, mailbox);
        await older.NextIsAsync(ControlEvents.Open);
        await using (await cluster.B.OpenAsync(way, mailbox))
        {
            await older.ControlAsync(ControlEvents.Replaced);
        }

        await cluster.A.WaitUntilAbsentAsync(mailbox);

        await AssertRefusedAsync(way, cluster.B, mailbox, older.LastCursor!);
    }

    [Fact]
    public async Task Of_two_polls_of_the_same_receiver_the_older_answers_with_nothing_and_the_newer_gets_the_message()
    {
        var mailbox = Names.Fresh("g7-polls");
        var cursor = (await PollAsync(cluster.A, mailbox, null, wait: 0)).Json.GetProperty("cursor").GetString();
        var first = PollAsync(cluster.A, mailbox, cursor, wait: 30);
        await cluster.WaitForOpensAsync(mailbox, 2);

        var second = PollAsync(cluster.B, mailbox, cursor, wait: 30);

        var answer = await first.WaitAsync(Patience.Long);
        answer.Status.ShouldBe(200);
        answer.Json.GetProperty("messages").GetArrayLength().ShouldBe(0);
        await cluster.A.DeliverAsync(mailbox, "m1");
        (await second.WaitAsync(Patience.Long)).Text.ShouldContain("\"data\":\"m1\"");
    }

    [Fact]
    public async Task Of_two_polls_of_different_receivers_the_older_gets_409_and_the_newer_gets_the_message()
    {
        var mailbox = Names.Fresh("g7-other-poll");
        var first = PollAsync(cluster.A, mailbox, null, wait: 30);
        await cluster.WaitForOpensAsync(mailbox, 1);

        var second = PollAsync(cluster.B, mailbox, null, wait: 30);

        var answer = await first.WaitAsync(Patience.Long);
        answer.Status.ShouldBe(409);
        answer.Problem.ShouldBe("not-receiver");
        await cluster.A.DeliverAsync(mailbox, "m1");
        (await second.WaitAsync(Patience.Long)).Text.ShouldContain("\"data\":\"m1\"");
    }

    [Fact]
    public async Task A_poller_stays_the_receiver_between_two_polls()
    {
        var mailbox = Names.Fresh("g7-between");
        await PollAsync(cluster.A, mailbox, null, wait: 0);

        (await cluster.B.DeliverAsync(mailbox, "m1")).Status.ShouldBe(201);
    }

    [Fact]
    public async Task Only_the_current_receiver_acknowledges()
    {
        var mailbox = Names.Fresh("g7-ack");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 2));
        await using var older = await cluster.A.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Ack = "client" });
        var old = (await older.NextMessagesAsync(2, Patience.Long))[1].Cursor!;
        await using var newer = await cluster.B.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Ack = "client" });
        await newer.NextIsAsync(ControlEvents.Open);

        var answer = await cluster.A.AckAsync(mailbox, old);

        answer.Status.ShouldBe(409);
        answer.Problem.ShouldBe("not-receiver");
        (await newer.TextsAsync(2)).ShouldBe(["m1", "m2"]);
        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task An_operator_closes_the_receiver_and_the_messages_stay(Way way)
    {
        var mailbox = Names.Fresh("g7-closed");
        await using var receiver = await cluster.A.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "client" });
        await receiver.NextIsAsync(ControlEvents.Open);
        var last = receiver.NextAsync(Patience.Long);
        await cluster.WaitForListenerAsync(mailbox);

        // A poll listens a moment before it is the receiver, and a close in that moment closes nobody: close until it ends.
        do
        {
            (await cluster.B.DeleteAsync(MailboxRoutes.ForReceiver(mailbox))).Status.ShouldBe(204);
        }
        while (await Task.WhenAny(last, Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken)) != last);

        await AssertReplacedAsync(way, receiver, await last);
        (await cluster.A.DeliverAsync(mailbox, "m1")).Status.ShouldBe(202);
        await using var next = await cluster.B.OpenAsync(way, mailbox);
        (await next.MessageAsync()).Text.ShouldBe("m1");
    }

    /// <returns>The terminal cursor; a long-poll has none.</returns>
    private static async Task<string?> AssertReplacedAsync(Way way, IReceiver older, ReceivedEvent last)
    {
        if (older is LongPollReceiver poller)
        {
            last.Kind.ShouldBe(ReceivedKind.End);
            poller.Refusal!.Status.ShouldBe(HttpStatusCode.Conflict);
            return null;
        }

        last.IsControl(ControlEvents.Replaced).ShouldBeTrue(last.ToString());
        last.Cursor.ShouldNotBeNull();
        (await older.ToEndAsync()).ShouldBeEmpty();
        if (way.IsWebSocket())
        {
            ((WebSocketReceiver)older).CloseCode.ShouldBe(4409);
        }

        return last.Cursor;
    }

    private static async Task AssertRefusedAsync(Way way, MailboxNode node, string mailbox, string cursor)
    {
        var options = new ReceiverOptions { After = cursor };
        if (way.IsWebSocket())
        {
            await using var socket = (WebSocketReceiver)await node.OpenAsync(way, mailbox, options);
            (await socket.ToEndAsync()).ShouldBeEmpty();
            socket.CloseCode.ShouldBe(4409, socket.Failure?.ToString());
            return;
        }

        var refused = await Should.ThrowAsync<OpenRefusedException>(() => node.OpenAsync(way, mailbox, options));
        ((int)refused.Status).ShouldBe(way == Way.Sse ? 204 : 409);
    }

    private static Task<Answer> PollAsync(MailboxNode node, string mailbox, string? cursor, int wait) => node.CallAsync(
        "GET",
        $"{MailboxRoutes.ForMailbox(mailbox)}?wait={wait}" + (cursor is null ? "" : $"&after={cursor}"),
        null,
        ("Accept", "application/json"));
}
