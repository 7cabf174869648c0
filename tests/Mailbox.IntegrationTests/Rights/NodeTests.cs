using System.Security.Cryptography;
using System.Text;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.Groups;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Rights;

/// <summary>A node with the rights of <c>deploy/redis/users.conf</c> does all that a node does, and may do no more.</summary>
public sealed class NodeTests(SharedRedis setting) : IClassFixture<SharedRedis>
{
    [Fact]
    public async Task A_node_works_whole_and_never_reaches_for_what_it_may_not()
    {
        var node = setting.Node;
        foreach (var way in Ways.All)
        {
            await ReceiveAndAckAsync(way);
        }

        var mailbox = Names.Fresh("kept");
        (await node.PutAsync(mailbox, """{"maxMessages":3}""")).Status.ShouldBe(201);
        (await node.DeliverAsync(mailbox, "one", ("Topic", "t"), ("Idempotency-Key", "k"))).Status.ShouldBe(202);
        (await node.DeliverAsync(mailbox, "two", ("Topic", "t"), ("TTL", "60"))).Status.ShouldBe(202);
        var id = (await node.DeliverAsync(mailbox, "three")).Json.GetProperty("id").GetString()!;
        (await node.GetAsync(MailboxRoutes.ForMessage(mailbox, id))).Text.ShouldBe("three");
        (await node.DeleteAsync(MailboxRoutes.ForMessage(mailbox, id))).Status.ShouldBe(204);
        (await node.GetAsync(MailboxRoutes.ForMessages(mailbox))).Text.ShouldContain("two");
        (await node.DeliverManyAsync($$"""{"to":["{{mailbox}}","{{Names.Fresh("many")}}"],"data":"x"}""")).Status.ShouldBe(200);
        (await node.GetAsync($"{MailboxRoutes.Mailboxes}?prefix={mailbox}")).Text.ShouldContain(mailbox);
        (await node.GetAsync(MailboxRoutes.Nodes)).Json.GetProperty("nodes").GetArrayLength().ShouldBeGreaterThan(0);
        (await node.GetAsync("/info")).Text.ShouldNotContain("unknown");
        (await node.DeleteAsync(MailboxRoutes.ForReceiver(mailbox))).Status.ShouldBe(204);
        (await node.DeleteAsync(MailboxRoutes.ForMailbox(mailbox))).Status.ShouldBe(204);

        var (group, member) = (Names.Fresh("group"), Names.Fresh("member"));
        (await node.JoinAsync(group, member, ("TTL", "100"))).Status.ShouldBe(201);
        (await node.DeliverToGroupAsync(group, "one", ("Topic", "t"), ("Idempotency-Key", "k"))).Group().Waiting.ShouldBe(1);
        await GroupCalls.HoldAsync(setting.Admin.ExecuteAsync, group);
        await node.LeaveToGroupAsync(group, "replaced", ("Topic", "t"));
        await node.LeaveToGroupAsync(group, "two", ("Topic", "t"));
        await using (var bare = await setting.AsAsync("bare"))
        {
            await bare.ExecuteAsync("RPUSH", GroupCalls.OutboxOf(group), "bare");
            await bare.ExecuteAsync("EXPIRE", GroupCalls.OutboxOf(group), 100, "NX");
            await setting.Admin.ExecuteAsync("HDEL", GroupCalls.StateOf(group), "owner", "lease");
            await bare.ExecuteAsync("PUBLISH", "mailbox:groups:wake", group);
        }

        await Eventually.HoldsAsync(
            async () => (await node.GetAsync(MailboxRoutes.ForGroup(group))).Json.GetProperty("outbox").GetInt32() == 0, Patience.Start, "the group has all");
        (await node.CallAsync("POST", MailboxRoutes.ForGroupMessages(group) + "?details=true", "m"u8.ToArray())).Group().Results!.Count.ShouldBe(1);
        (await node.DeleteAsync(MailboxRoutes.ForGroupMember(group, member))).Status.ShouldBe(204);
        (await node.DeleteAsync(MailboxRoutes.ForGroup(group))).Status.ShouldBe(204);

        var kept = await node.CallAsync(
            "POST", MailboxRoutes.Opens, Encoding.UTF8.GetBytes($$"""{"mailboxes":["{{Names.Fresh("kept")}}"]}"""), ("Content-Type", "application/json"));
        await using (var receiver = await node.OpenAsync(Way.Ndjson, "unused", new ReceiverOptions { List = kept.Json.GetProperty("id").GetString() }))
        {
            await receiver.NextIsAsync(ControlEvents.Open);
        }

        // What is gone is sent again, and the breaker's probe may ask.
        await setting.Admin.ExecuteAsync("SCRIPT", "FLUSH");
        await setting.Admin.ExecuteAsync("FUNCTION", "FLUSH");
        await ReceiveAndAckAsync(Way.Sse);
        await using var producer = await setting.AsAsync("producer");
        await Eventually.HoldsAsync(
            async () => await producer.ExecuteAsync("FCALL", "mailbox_deliver", 3, Keys.HashOf("again"), Keys.ListOf("again"), Keys.IndexOf("again"), "m") is object?[],
            Patience.Long,
            "the function is registered again");
        setting.Redis.Freeze();
        await Eventually.HoldsAsync(
            async () => (await node.GetAsync("/health/ready")).Text.Contains("degraded", StringComparison.Ordinal), Patience.Start, "Redis is missed");
        setting.Redis.Thaw();
        await Eventually.HoldsAsync(
            async () => (await node.GetAsync("/health/ready")).Text.Contains("\"ready\"", StringComparison.Ordinal), Patience.Start, "Redis is back");
        await ReceiveAndAckAsync(Way.WebSocket);

        await ShouldNeverBeRefusedAsync();
    }

    [Fact]
    public async Task Tickets_and_revocations_need_no_more()
    {
        const string Key = "mbk_of-this-test";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)));
        await using var node = await setting.StartNodeAsync(
            ("Mailbox:Access:ApiKeys:0:Name", "tester"),
            ("Mailbox:Access:ApiKeys:0:Hash", hash),
            ("Mailbox:Access:ApiKeys:0:Scopes:0", "mailbox.admin:*"));
        (string, string)[] headers = [("Authorization", "Bearer " + Key), ("Content-Type", "application/json")];

        var mailbox = Names.Fresh("ticketed");
        var made = await node.CallAsync("POST", "/v1/tickets", Encoding.UTF8.GetBytes($$"""{"mailbox":"{{mailbox}}","lifetime":60}"""), headers);
        made.Status.ShouldBeInRange(200, 201, made.Text);
        using (var open = new HttpRequestMessage(HttpMethod.Get, made.Json.GetProperty("location").GetString()))
        {
            open.Headers.Add("Accept", "text/event-stream");
            using var stream = await node.Http.SendAsync(open, HttpCompletionOption.ResponseHeadersRead);
            ((int)stream.StatusCode).ShouldBe(200);
        }

        foreach (var id in new[] { made.Json.GetProperty("id").GetString()!, "another" })
        {
            var revoked = await node.CallAsync("POST", "/v1/revocations", Encoding.UTF8.GetBytes($$"""{"token":"{{id}}"}"""), headers);
            revoked.Status.ShouldBeInRange(200, 204, revoked.Text);
        }

        await ShouldNeverBeRefusedAsync();
    }

    [Theory]
    [InlineData("GET other")]
    [InlineData("HGETALL other:{alice}")]
    [InlineData("DEL mailboxes")]
    [InlineData("EVAL return 1 other")]
    [InlineData("PUBLISH other x")]
    [InlineData("PUBLISH __Booksleeve_MasterChanged x")]
    [InlineData("SUBSCRIBE __Booksleeve_MasterChanged")]
    [InlineData("PSUBSCRIBE mailbox:*")]
    [InlineData("KEYS *")]
    [InlineData("FLUSHALL")]
    [InlineData("CONFIG SET save x")]
    [InlineData("ACL LIST")]
    [InlineData("FUNCTION FLUSH")]
    [InlineData("SCRIPT FLUSH")]
    [InlineData("CLIENT KILL TYPE normal")]
    [InlineData("SHUTDOWN")]
    [InlineData("MONITOR")]
    public async Task It_may_do_nothing_else(string command)
    {
        string[] words = command == "EVAL return 1 other" ? ["EVAL", "return", "1", "other"] : command.Split(' ');
        foreach (var user in new[] { "default", "node" })
        {
            (await setting.Admin.TextAsync(["ACL", "DRYRUN", user, .. words])).ShouldNotBe("OK");
        }
    }

    [Fact]
    public void Under_either_name_it_has_the_same_rights() => SharedRedis.RightsOf("default").ShouldBe(SharedRedis.RightsOf("node"));

    private async Task ShouldNeverBeRefusedAsync()
    {
        // Redis keeps what it refused to whom, within scripts and of the client's own commands, too.
        var log = (object?[])(await setting.Admin.ExecuteAsync("ACL", "LOG"))!;
        log.Cast<object?[]>()
            .Select(entry => string.Join(' ', entry.Take(16).Select(RedisCli.TextOf)))
            .Where(entry => entry.Contains($"username {SharedRedis.NodeUser} ", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    private async Task ReceiveAndAckAsync(Way way)
    {
        var mailbox = Names.Fresh("rights");
        await using var receiver = await setting.Node.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "client" });
        (await setting.Node.DeliverAsync(mailbox, "hello")).Status.ShouldBeOneOf(201, 202);
        var message = await receiver.MessageAsync();
        message.Text.ShouldBe("hello");
        await receiver.AckAsync(message.Cursor!);
        await setting.Node.WaitUntilKeptAsync(mailbox, 0);
    }
}
