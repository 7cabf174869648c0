using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

/// <summary>The calls for who runs the server, and for senders that look after what they sent.</summary>
public class Operators(Cluster cluster)
{
    [Fact]
    public async Task A_mailbox_is_created_with_limits_of_its_own_and_changed()
    {
        var mailbox = Names.Fresh("put");

        var created = await cluster.A.PutAsync(
            mailbox, """{"timeToLive":600,"maxMessages":7,"maxBytes":70000,"overflow":"dropOldest"}""");
        created.Status.ShouldBe(201);
        created.Header("Location").ShouldBe(MailboxRoutes.ForMailbox(mailbox));
        var limits = (await cluster.B.InfoOfAsync(mailbox)).Limits;
        limits.ShouldBe(new MailboxSettings { TimeToLive = 600, MaxMessages = 7, MaxBytes = 70_000, Overflow = "dropOldest" });

        var changed = await cluster.B.PutAsync(mailbox, """{"maxMessages":8}""");
        changed.Status.ShouldBe(200);
        limits = (await cluster.A.InfoOfAsync(mailbox)).Limits;
        limits.ShouldBe(new MailboxSettings { TimeToLive = 86_400, MaxMessages = 8, MaxBytes = 4_194_304, Overflow = "reject" });
    }

    [Fact]
    public async Task A_mailbox_is_created_with_the_server_s_own_limits_by_an_empty_body()
    {
        (await cluster.A.CallAsync("PUT", MailboxRoutes.ForMailbox(Names.Fresh("put-empty")), [])).Status.ShouldBe(201);
    }

    [Fact]
    public async Task The_state_of_a_mailbox_tells_what_it_holds()
    {
        var mailbox = Names.Fresh("info");
        (await cluster.A.GetAsync(MailboxRoutes.ForInfo(mailbox))).Problem.ShouldBe("mailbox-not-found");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 5));
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Ack = "client", Window = 3 });
        var open = await receiver.NextIsAsync(ControlEvents.Open);
        await receiver.AckAsync((await receiver.NextMessagesAsync(2, Patience.Long))[1].Cursor!);
        await receiver.TextsAsync(3);

        var info = await cluster.A.InfoOfAsync(mailbox);

        (info.First, info.Last, info.Sent, info.Messages).ShouldBe((3, 5, 5, 3));
        info.Connected.ShouldBeTrue();
        info.Receiver.ShouldBe(open.Json!.Value.GetProperty("receiver").GetString());
        info.Expires.ShouldBe(DateTimeOffset.UtcNow.AddDays(1), TimeSpan.FromMinutes(5));
        info.Bytes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Peeking_shows_what_waits_page_by_page_and_moves_nothing()
    {
        var mailbox = Names.Fresh("peek");
        (await cluster.A.GetAsync(MailboxRoutes.ForMessages(mailbox))).Problem.ShouldBe("mailbox-not-found");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 5));
        var texts = new List<string?>();
        string? after = null;
        do
        {
            var page = await cluster.B.GetAsync(
                $"{MailboxRoutes.ForMessages(mailbox)}?limit=2" + (after is null ? "" : $"&after={after}"));
            page.Status.ShouldBe(200);
            texts.AddRange(page.Json.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("data").GetString()));
            after = page.Json.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);

        texts.ShouldBe(Reading.Numbered(1, 5));
        (await cluster.A.InfoOfAsync(mailbox)).Sent.ShouldBe(0);
        await using var receiver = await cluster.A.OpenAsync(Way.Sse, mailbox);
        (await receiver.TextsAsync(5)).ShouldBe(Reading.Numbered(1, 5));
    }

    [Fact]
    public async Task A_message_that_is_taken_back_does_not_arrive()
    {
        var mailbox = Names.Fresh("take-back");
        await cluster.A.DeliverAllAsync(mailbox, ["m1"]);
        var wrong = (await cluster.A.DeliverAsync(mailbox, "wrong")).Header("Location")!;
        await cluster.A.DeliverAllAsync(mailbox, ["m3"]);

        (await cluster.B.DeleteAsync(wrong)).Status.ShouldBe(204);

        (await cluster.A.DeleteAsync(wrong)).Problem.ShouldBe("message-not-found");
        (await cluster.A.GetAsync(wrong)).Problem.ShouldBe("message-not-found");
        await using var receiver = await cluster.A.OpenAsync(Way.Ndjson, mailbox);
        (await receiver.TextsAsync(2)).ShouldBe(["m1", "m3"]);
        await receiver.SilenceAsync();
    }

    [Fact]
    public async Task A_message_that_was_sent_and_is_taken_back_does_not_come_again_and_its_cursor_still_holds()
    {
        var mailbox = Names.Fresh("take-back-sent");
        await cluster.A.DeliverAllAsync(mailbox, ["m1"]);
        var second = (await cluster.A.DeliverAsync(mailbox, "m2")).Header("Location")!;
        string? cursor;
        await using (var first = await cluster.A.OpenAsync(Way.Sse, mailbox))
        {
            await first.TextsAsync(2);
            cursor = first.LastCursor;
        }

        await cluster.B.DeleteAsync(second);
        await cluster.B.DeliverAllAsync(mailbox, ["m3"]);

        await using var resumed = await cluster.B.OpenAsync(Way.Sse, mailbox, new ReceiverOptions { After = cursor });
        (await resumed.TextsAsync(1)).ShouldBe(["m3"]);
    }

    [Fact]
    public async Task Removing_a_mailbox_removes_all_it_holds()
    {
        var mailbox = Names.Fresh("remove");
        await cluster.A.DeliverAsync(mailbox, "m", ("Topic", "t"), ("Idempotency-Key", "k"));

        (await cluster.B.DeleteAsync(MailboxRoutes.ForMailbox(mailbox))).Status.ShouldBe(204);

        (await cluster.RedisAsync("EXISTS", Keys.HashOf(mailbox), Keys.ListOf(mailbox), Keys.IndexOf(mailbox))).ShouldBe(0L);
        (await cluster.A.GetAsync(MailboxRoutes.ForInfo(mailbox))).Status.ShouldBe(404);
        (await cluster.A.DeleteAsync(MailboxRoutes.ForMailbox(mailbox))).Status.ShouldBe(204);
    }

    [Fact]
    public async Task Three_hundred_mailboxes_are_listed_by_their_prefix_page_by_page()
    {
        var prefix = Names.Fresh("list");
        var names = Enumerable.Range(1, 300).Select(i => $"{prefix}.{i}").ToList();
        var request = JsonSerializer.Serialize(new { to = names.Append($"other-{prefix}"), data = "hello" });
        (await cluster.A.DeliverManyAsync(request)).Status.ShouldBe(200);

        var listed = new HashSet<string>();
        string? cursor = null;
        var pages = 0;
        do
        {
            var page = await cluster.B.GetAsync(
                $"{MailboxRoutes.Mailboxes}?prefix={prefix}" + (cursor is null ? "" : $"&cursor={cursor}"));
            page.Status.ShouldBe(200, page.Text);
            listed.UnionWith(page.Json.GetProperty("mailboxes").EnumerateArray().Select(name => name.GetString()!));
            cursor = page.Json.TryGetProperty("cursor", out var next) ? next.GetString() : null;
            (++pages).ShouldBeLessThan(1_000);
        }
        while (cursor is not null);

        listed.ShouldBe(names, ignoreOrder: true);
        (await cluster.A.GetAsync($"{MailboxRoutes.Mailboxes}?cursor=junk")).Problem.ShouldBe("invalid-parameter");
    }

    [Fact]
    public async Task The_nodes_that_are_alive_are_listed()
    {
        var own = new[] { await cluster.A.IdAsync(), await cluster.B.IdAsync() };

        await Eventually.HoldsAsync(
            async () => !own.Except(await ListedAsync(cluster.A)).Any(),
            Patience.Long,
            "both nodes are listed");

        static async Task<List<string>> ListedAsync(MailboxNode node)
        {
            var answer = await node.GetAsync(MailboxRoutes.Nodes);
            answer.Status.ShouldBe(200);
            var nodes = JsonSerializer.Deserialize(answer.Body, MailboxJsonContext.Default.NodeList)!.Nodes;
            nodes.ShouldAllBe(info => info.Host.Length > 0 && info.Version.Length > 0 && info.Connections >= 0);
            return [.. nodes.Select(info => info.Id)];
        }
    }
}
