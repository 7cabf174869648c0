using System.Globalization;
using System.Text;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Groups;

/// <summary>The calls of groups, and their keys, spelt out as the Redis contract does.</summary>
internal static class GroupCalls
{
    public static string StateOf(string group) => $"mailbox:group:{{{group}}}";

    public static string MembersOf(string group) => $"{StateOf(group)}:members";

    public static string OutboxOf(string group) => $"{StateOf(group)}:outbox";

    public static string RoundOf(string group) => $"{StateOf(group)}:round";

    public static Task<Answer> JoinAsync(this MailboxNode node, string group, string mailbox, params (string Name, string Value)[] headers) =>
        node.CallAsync("PUT", MailboxRoutes.ForGroupMember(group, mailbox), null, headers);

    public static async Task JoinAllAsync(this MailboxNode node, string group, params string[] mailboxes)
    {
        foreach (var mailbox in mailboxes)
        {
            (await node.JoinAsync(group, mailbox)).Status.ShouldBe(201);
        }
    }

    public static Task<Answer> DeliverToGroupAsync(
        this MailboxNode node, string group, string body, params (string Name, string Value)[] headers) =>
        node.CallAsync("POST", MailboxRoutes.ForGroupMessages(group), Encoding.UTF8.GetBytes(body), headers);

    /// <summary>Stores it, and does not wait for the members.</summary>
    public static async Task<string> LeaveToGroupAsync(
        this MailboxNode node, string group, string body, params (string Name, string Value)[] headers)
    {
        var answer = await node.DeliverToGroupAsync(group, body, [("Prefer", "respond-async"), .. headers]);
        answer.Status.ShouldBeOneOf([200, 202], answer.Text);
        return answer.Group().Id;
    }

    public static GroupDelivery Group(this Answer answer) => JsonSerializer.Deserialize(answer.Body, MailboxJsonContext.Default.GroupDelivery)!;

    public static async Task<GroupDelivery> DeliveryOfAsync(this MailboxNode node, string group, string id)
    {
        var answer = await node.GetAsync(MailboxRoutes.ForGroupDelivery(group, id));
        answer.Status.ShouldBe(200, answer.Text);
        return answer.Group();
    }

    public static async Task<GroupDelivery> EndOfAsync(this MailboxNode node, string group, string id, TimeSpan? patience = null)
    {
        GroupDelivery? last = null;
        await Eventually.HoldsAsync(
            async () => (last = await node.DeliveryOfAsync(group, id)).State is not (GroupDeliveryStates.Waiting or GroupDeliveryStates.UnderWay),
            patience ?? Patience.Long,
            "the delivery to the group is over");
        return last!;
    }

    /// <summary>Another node, that is not there, has the group's work: what is delivered waits until it gives it up.</summary>
    public static async Task HoldAsync(Func<object[], Task<object?>> redis, string group)
    {
        var until = DateTimeOffset.UtcNow.AddMinutes(10).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        await redis(["HSET", StateOf(group), "owner", "ffffffffffffffff", "lease", until]);
    }

    public static async Task LetGoAsync(Func<object[], Task<object?>> redis, string group)
    {
        await redis(["HDEL", StateOf(group), "owner", "lease"]);
        await redis(["PUBLISH", "mailbox:groups:wake", group]);
    }

    /// <summary>Many members at once, as no client would make them.</summary>
    public static async Task FillAsync(Func<object[], Task<object?>> redis, string group, IEnumerable<string> mailboxes)
    {
        foreach (var some in mailboxes.Chunk(500))
        {
            await redis(["ZADD", MembersOf(group), .. some.SelectMany(name => new object[] { "+inf", name })]);
        }
    }
}
