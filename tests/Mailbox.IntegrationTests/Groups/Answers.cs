using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Groups;

/// <summary>What each call of a group answers.</summary>
public class Answers(Cluster cluster)
{
    [Fact]
    public async Task A_delivery_reaches_every_member_once_and_tells_what_it_came_to()
    {
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("member"));
        var (there, away, full) = ($"{prefix}.there", $"{prefix}.away", $"{prefix}.full");
        await cluster.A.PutAsync(full, """{"maxMessages":1}""");
        await cluster.A.DeliverAllAsync(full, ["m"]);
        await cluster.A.JoinAllAsync(group, there, away, full);
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, there);
        await receiver.NextIsAsync(ControlEvents.Open);

        var answer = await cluster.B.DeliverToGroupAsync(group, "hello all", ("Mailbox-Type", "greeting"), ("Content-Type", "text/plain"));

        answer.Status.ShouldBe(200, answer.Text);
        var told = answer.Group();
        (told.State, told.Members, told.Delivered, told.Waiting, told.Full, told.Failed).ShouldBe(("done", 3, 1, 1, 1, 0));
        told.Results.ShouldBeNull();
        answer.Header("Location").ShouldBe(MailboxRoutes.ForGroupDelivery(group, told.Id));
        var message = await receiver.MessageAsync();
        (message.Text, message.Type, message.ContentType).ShouldBe(("hello all", "greeting", "text/plain"));
        (await cluster.A.InfoOfAsync(away)).Messages.ShouldBe(1);
        await receiver.SilenceAsync();
        (await cluster.A.DeliveryOfAsync(group, told.Id)).ShouldBe(told);
    }

    [Fact]
    public async Task Details_are_told_for_each_member_when_they_are_asked_for()
    {
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("detail"));
        var names = Enumerable.Range(0, 1_100).Select(i => $"{prefix}.{i}").ToList();
        await GroupCalls.FillAsync(cluster.RedisAsync, group, names);

        var answer = await cluster.A.CallAsync("POST", MailboxRoutes.ForGroupMessages(group) + "?details=true", "m"u8.ToArray());

        answer.Status.ShouldBe(200, answer.Text);
        var told = answer.Group();
        told.Results!.Select(result => result.Mailbox).Order().ShouldBe(names.Order());
        told.Results!.ShouldAllBe(result => result.Status == 202 && result.Queued && result.Id != null && result.Expires != null);
        var paged = new List<string>();
        for (var cursor = "0"; cursor is not null;)
        {
            var page = (await cluster.B.GetAsync($"{MailboxRoutes.ForGroupDelivery(group, told.Id)}?details=true&cursor={cursor}")).Group();
            paged.AddRange(page.Results!.Select(result => result.Mailbox));
            cursor = page.Cursor;
        }

        paged.Order().ShouldBe(names.Order());
    }

    [Fact]
    public async Task A_group_lists_its_members_page_by_page()
    {
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("listed"));
        var names = Enumerable.Range(0, 700).Select(i => $"{prefix}.{i}").ToList();
        await GroupCalls.FillAsync(cluster.RedisAsync, group, names);
        (await cluster.A.JoinAsync(group, $"{prefix}.0", ("TTL", "1000"))).Status.ShouldBe(200);

        var listed = new List<GroupMember>();
        string? cursor = null;
        do
        {
            var answer = await cluster.A.GetAsync($"{MailboxRoutes.ForGroup(group)}?limit=50" + (cursor is null ? "" : $"&cursor={cursor}"));
            var info = System.Text.Json.JsonSerializer.Deserialize(answer.Body, MailboxJsonContext.Default.GroupInfo)!;
            (info.Group, info.Members, info.Outbox).ShouldBe((group, 700, 0));
            listed.AddRange(info.Page);
            cursor = info.Cursor;
        }
        while (cursor is not null);

        listed.Select(member => member.Mailbox).Distinct().Order().ShouldBe(names.Order());
        listed.Where(member => member.Ends is not null).Select(member => member.Mailbox).Distinct().ShouldBe([$"{prefix}.0"]);
    }

    [Fact]
    public async Task A_member_leaves_or_its_time_is_over_and_gets_no_more()
    {
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("leaves"));
        await cluster.A.JoinAllAsync(group, $"{prefix}.stays", $"{prefix}.leaves");
        (await cluster.A.JoinAsync(group, $"{prefix}.ends", ("TTL", "1"))).Status.ShouldBe(201);
        (await cluster.A.JoinAsync(group, $"{prefix}.stays")).Status.ShouldBe(200);

        (await cluster.B.DeleteAsync(MailboxRoutes.ForGroupMember(group, $"{prefix}.leaves"))).Status.ShouldBe(204);
        (await cluster.B.DeleteAsync(MailboxRoutes.ForGroupMember(group, $"{prefix}.leaves"))).Status.ShouldBe(204);
        await Eventually.HoldsAsync(
            async () => (await cluster.A.GetAsync(MailboxRoutes.ForGroup(group))).Json.GetProperty("members").GetInt32() == 1, Patience.Long, "one member is left");

        (await cluster.A.DeliverToGroupAsync(group, "m")).Group().Members.ShouldBe(1);
        (await cluster.A.GetAsync(MailboxRoutes.ForInfo($"{prefix}.ends"))).Status.ShouldBe(404);
        (await cluster.A.GetAsync(MailboxRoutes.ForInfo($"{prefix}.leaves"))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_group_that_is_removed_has_no_members_and_nothing_that_waits()
    {
        var (group, mailbox) = (Names.Fresh("group"), Names.Fresh("member"));
        await cluster.A.JoinAllAsync(group, mailbox);
        await GroupCalls.HoldAsync(cluster.RedisAsync, group);
        var id = await cluster.A.LeaveToGroupAsync(group, "m");

        (await cluster.A.DeleteAsync(MailboxRoutes.ForGroup(group))).Status.ShouldBe(204);

        (await cluster.A.GetAsync(MailboxRoutes.ForGroup(group))).Problem.ShouldBe("group-not-found");
        (await cluster.A.GetAsync(MailboxRoutes.ForGroupDelivery(group, id))).Problem.ShouldBe("delivery-not-found");
        (await cluster.A.DeliverToGroupAsync(group, "to nobody")).Group().Members.ShouldBe(0);
        (await cluster.A.GetAsync(MailboxRoutes.ForInfo(mailbox))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_group_is_no_mailbox()
    {
        var name = Names.Fresh("both");
        await cluster.A.JoinAllAsync(name, name + ".member");
        await cluster.A.DeliverToGroupAsync(name, "to the group");

        (await cluster.A.GetAsync(MailboxRoutes.ForInfo(name))).Status.ShouldBe(404);
        (await cluster.A.GetAsync($"/v1/mailboxes?prefix={name}")).Text.ShouldNotContain($"\"{name}\"");
        await cluster.A.DeliverAsync(name, "to the mailbox");
        (await cluster.A.DeleteAsync(MailboxRoutes.ForMailbox(name))).Status.ShouldBe(204);
        (await cluster.A.GetAsync(MailboxRoutes.ForGroup(name))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_repeated_idempotency_key_answers_the_same_delivery()
    {
        var (group, mailbox) = (Names.Fresh("group"), Names.Fresh("member"));
        await cluster.A.JoinAllAsync(group, mailbox);

        var first = await cluster.A.DeliverToGroupAsync(group, "m", ("Idempotency-Key", "\"k\""));
        var again = await cluster.B.DeliverToGroupAsync(group, "m", ("Idempotency-Key", "k"));

        again.Status.ShouldBe(200);
        again.Header("Idempotent-Replayed").ShouldBe("true");
        again.Group().ShouldBe(first.Group());
        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(1);
        (await cluster.A.DeliverToGroupAsync(group, "other", ("Idempotency-Key", "k"))).Problem.ShouldBe("idempotency-conflict");
    }

    [Fact]
    public async Task Who_prefers_not_to_wait_is_told_where_to_look()
    {
        var (group, mailbox) = (Names.Fresh("group"), Names.Fresh("member"));
        await cluster.A.JoinAllAsync(group, mailbox);
        await GroupCalls.HoldAsync(cluster.RedisAsync, group);

        var answer = await cluster.A.DeliverToGroupAsync(group, "m", ("Prefer", "handling=lenient, Respond-Async;foo=1"));

        answer.Status.ShouldBe(202);
        answer.Header("Preference-Applied").ShouldBe("respond-async");
        answer.Group().State.ShouldBe("waiting");
        (await cluster.A.GetAsync(MailboxRoutes.ForGroup(group))).Json.GetProperty("outbox").GetInt32().ShouldBe(1);
        await GroupCalls.LetGoAsync(cluster.RedisAsync, group);
        (await cluster.B.EndOfAsync(group, answer.Group().Id)).Waiting.ShouldBe(1);
        answer.Header("Location").ShouldBe(MailboxRoutes.ForGroupDelivery(group, answer.Group().Id));
    }

    [Fact]
    public async Task A_delivery_that_is_not_over_in_time_is_stored_and_goes_on()
    {
        var (group, mailbox) = (Names.Fresh("group"), Names.Fresh("member"));
        await cluster.A.JoinAllAsync(group, mailbox);
        await GroupCalls.HoldAsync(cluster.RedisAsync, group);

        var answer = await cluster.A.DeliverToGroupAsync(group, "m");

        answer.Status.ShouldBe(202);
        await GroupCalls.LetGoAsync(cluster.RedisAsync, group);
        (await cluster.B.EndOfAsync(group, answer.Group().Id)).State.ShouldBe("done");
    }

    [Fact]
    public async Task A_time_to_live_holds_from_the_delivery_on()
    {
        var (group, mailbox) = (Names.Fresh("group"), Names.Fresh("member"));
        await cluster.A.JoinAllAsync(group, mailbox);
        (await cluster.A.DeliverToGroupAsync(group, "now or never", ("TTL", "0"))).Group().Absent.ShouldBe(1);
        await GroupCalls.HoldAsync(cluster.RedisAsync, group);
        var id = await cluster.A.LeaveToGroupAsync(group, "short", ("TTL", "1"));
        await Task.Delay(TimeSpan.FromSeconds(2.1), TestContext.Current.CancellationToken); // the time itself is what is tested

        await GroupCalls.LetGoAsync(cluster.RedisAsync, group);

        var told = await cluster.A.EndOfAsync(group, id);
        (told.State, told.Members).ShouldBe(("expired", 0));
        (await cluster.A.GetAsync(MailboxRoutes.ForInfo(mailbox))).Text.ShouldNotContain("\"messages\":1");
    }

    [Fact]
    public async Task A_group_has_as_many_members_as_it_may_and_its_outbox_too()
    {
        // A Redis of its own: a node's limits are those of the function, too, for whoever delivers by it.
        await using var redis = await RedisServer.StartAsync();
        await using var node = await redis.StartNodeAsync(
            Cluster.Unhurried, ("Mailbox:Limits:MembersPerGroup", "2"), ("Mailbox:MaxMessages", "3"));
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("many"));
        await node.JoinAllAsync(group, $"{prefix}.1", $"{prefix}.2");

        var refused = await node.JoinAsync(group, $"{prefix}.3");

        (refused.Status, refused.Problem).ShouldBe((507, "group-full"));
        (await node.JoinAsync(group, $"{prefix}.2", ("TTL", "100"))).Status.ShouldBe(200);
        await GroupCalls.HoldAsync(redis.ExecuteAsync, group);
        foreach (var topic in new[] { "a", "b", "c", "a" })
        {
            await node.LeaveToGroupAsync(group, topic, ("Topic", topic));
        }

        var full = await node.DeliverToGroupAsync(group, "d", ("Topic", "d"));
        (full.Status, full.Problem).ShouldBe((507, "group-full"));
    }
}
