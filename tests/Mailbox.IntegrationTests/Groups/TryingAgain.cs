using System.Globalization;
using System.Text;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Groups;

/// <summary>A sender that tries again with its idempotency key reaches no member twice (G1).</summary>
public class TryingAgain(Cluster cluster)
{
    private static readonly (string Name, string Value) Key = ("Idempotency-Key", "a\\key/7,:{}");

    [Fact]
    public async Task After_a_failover_lost_the_outbox_and_not_what_members_got_from_it()
    {
        var (group, first, second) = (Names.Fresh("group"), Names.Fresh("retry"), Names.Fresh("retry"));
        await cluster.A.JoinAllAsync(group, first, second);
        (await cluster.A.DeliverToGroupAsync(group, "once", Key)).Group().Members.ShouldBe(2);
        foreach (var kept in (string[])["", ":outbox", ":index", ":deliveries", ":round"]) await cluster.RedisAsync("DEL", GroupCalls.StateOf(group) + kept);

        var again = (await cluster.B.DeliverToGroupAsync(group, "once", Key)).Group();

        (again.State, again.Members).ShouldBe(("done", 2));
        foreach (var mailbox in (string[])[first, second]) (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(1);

        var other = Names.Fresh("group");
        await cluster.A.JoinAllAsync(other, first);
        await cluster.A.DeliverToGroupAsync(other, "of another group", Key);
        (await cluster.A.InfoOfAsync(first)).Messages.ShouldBe(2);
    }

    [Fact]
    public async Task The_group_knows_the_key_for_as_long_as_its_members_do()
    {
        var (group, mailbox) = (Names.Fresh("group"), Names.Fresh("retry"));
        await cluster.A.JoinAllAsync(group, mailbox);
        await GroupCalls.HoldAsync(cluster.RedisAsync, group);
        var id = await cluster.A.LeaveToGroupAsync(group, "late", Key);
        await Task.Delay(50);
        await GroupCalls.LetGoAsync(cluster.RedisAsync, group);
        await cluster.A.EndOfAsync(group, id);

        var known = Till(await cluster.RedisAsync("HGET", GroupCalls.StateOf(group) + ":index", "key:" + Key.Value));
        var fields = (object[])(await cluster.RedisAsync("HVALS", Keys.IndexOf(mailbox)))!;
        known.ShouldBeGreaterThanOrEqualTo(Till(fields.ShouldHaveSingleItem()));
        (await cluster.A.DeliverToGroupAsync(group, "late", Key)).Group().Id.ShouldBe(id);
    }

    private static long Till(object? known) => long.Parse(Encoding.ASCII.GetString((byte[])known!).Split(' ')[0], CultureInfo.InvariantCulture);
}
