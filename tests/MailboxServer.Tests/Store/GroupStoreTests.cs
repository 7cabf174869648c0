using Mailbox;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.Redis;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

/// <summary>Who has a group's work, and that what one node notes is not noted by another again.</summary>
public abstract class GroupStoreTests(StoreFixture fixture)
{
    private readonly string _group = Names.Fresh("group");

    [Fact]
    public async Task Turn_AnotherNodeHasIt_IsBusyUntilItsLeaseEnds()
    {
        var (one, two) = (Store(TimeSpan.FromSeconds(1)), Store(TimeSpan.FromSeconds(1)));
        await FillAsync(one, 3);

        var first = await one.TurnAsync(_group, null, default);
        var busy = await two.TurnAsync(_group, null, default);

        first.Kind.ShouldBe(GroupTurnKind.Members);
        busy.Kind.ShouldBe(GroupTurnKind.Busy);
        busy.Wait.ShouldBeInRange(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5));
        GroupTurn taken;
        while ((taken = await two.TurnAsync(_group, null, default)).Kind == GroupTurnKind.Busy)
        {
            await Task.Delay(taken.Wait, TestContext.Current.CancellationToken);
        }

        (taken.Id, taken.Left, taken.Names.Count).ShouldBe((first.Id, first.Left, 3));
        (await one.TurnAsync(_group, Done(first), default)).Kind.ShouldBe(GroupTurnKind.Lost);
        (await two.TurnAsync(_group, Done(taken), default)).Kind.ShouldBe(GroupTurnKind.Done);
        (await two.FindAsync(_group, taken.Id, default)).ShouldBe(new GroupState(GroupDeliveryStates.Done, 3, new GroupTally(0, 3, 0, 0, 0)));
    }

    [Fact]
    public async Task Turn_ANoteThatComesTwice_IsVoidTheSecondTime()
    {
        var store = Store(TimeSpan.FromSeconds(30));
        await FillAsync(store, 600);

        var first = await store.TurnAsync(_group, null, default);
        var second = await store.TurnAsync(_group, Done(first), default);
        (await store.TurnAsync(_group, Done(first), default)).Kind.ShouldBe(GroupTurnKind.Lost);

        // Asked for anew, it is the page that was not noted, and none is left out.
        var again = await store.TurnAsync(_group, null, default);
        again.Names.ShouldBe(second.Names);
        var third = await store.TurnAsync(_group, Done(again), default);
        (await store.TurnAsync(_group, Done(third), default)).Kind.ShouldBe(GroupTurnKind.Done);
        first.Names.Concat(again.Names).Concat(third.Names).Distinct().Count().ShouldBe(600);
        (await store.FindAsync(_group, first.Id, default))!.Members.ShouldBe(600);
    }

    [Fact]
    public async Task Turn_GivenUp_IsAnothersAtOnce()
    {
        var (one, two) = (Store(TimeSpan.FromSeconds(30)), Store(TimeSpan.FromSeconds(30)));
        await FillAsync(one, 3);
        await one.TurnAsync(_group, null, default);

        await two.YieldAsync(_group, default);
        (await two.TurnAsync(_group, null, default)).Kind.ShouldBe(GroupTurnKind.Busy);
        await one.YieldAsync(_group, default);
        (await two.TurnAsync(_group, null, default)).Kind.ShouldBe(GroupTurnKind.Members);
    }

    [Fact]
    public async Task Deliver_OfATopic_ReplacesWhatWaitsAndNotWhatIsUnderWay()
    {
        var store = Store(TimeSpan.FromSeconds(30));
        await FillAsync(store, 3, "t");
        var turn = await store.TurnAsync(_group, null, default);

        var second = await DeliverAsync(store, "second", "t");
        var third = await DeliverAsync(store, "third", "t");

        (await store.FindAsync(_group, turn.Id, default))!.State.ShouldBe(GroupDeliveryStates.UnderWay);
        (await store.FindAsync(_group, second, default))!.State.ShouldBe(GroupDeliveryStates.Replaced);
        (await store.TurnAsync(_group, Done(turn), default)).Kind.ShouldBe(GroupTurnKind.Done);
        (await store.TurnAsync(_group, null, default)).Id.ShouldBe(third);
    }

    [Fact]
    public async Task Deliver_ManyMoreThanAreKept_TheNewestAreFound()
    {
        var store = Store(TimeSpan.FromSeconds(30));
        var ids = new List<string>();
        for (var i = 0; i < 3_100; i++)
        {
            ids.Add(await DeliverAsync(store, $"{i}", "t"));
        }

        ((long)(await fixture.Cli.ExecuteAsync("HLEN", $"mailbox:group:{{{_group}}}:deliveries"))!).ShouldBeLessThan(2_000);
        ((long)(await fixture.Cli.ExecuteAsync("LLEN", $"mailbox:group:{{{_group}}}:outbox"))!).ShouldBeLessThan(1_002);
        (await store.FindAsync(_group, ids[^900], default))!.State.ShouldBe(GroupDeliveryStates.Replaced);
        (await store.FindAsync(_group, ids[^1], default))!.State.ShouldBe(GroupDeliveryStates.Waiting);
    }

    [Fact]
    public async Task Join_AllMembersEnd_TheKeyGoesWithTheLast()
    {
        var store = Store(TimeSpan.FromSeconds(30));
        await JoinAsync("a", 100);
        (await EndAsync()).ShouldBeInRange(90_000, 100_000);
        await JoinAsync("b", 200);
        await JoinAsync("c", 50);
        (await EndAsync()).ShouldBeInRange(190_000, 200_000);
        await JoinAsync("c", null);
        (await EndAsync()).ShouldBe(-1);

        Task JoinAsync(string mailbox, int? seconds) =>
            store.JoinAsync(_group, mailbox, seconds is { } life ? TimeSpan.FromSeconds(life) : null, default).AsTask();
        async Task<long> EndAsync() => (long)(await fixture.Cli.ExecuteAsync("PTTL", $"mailbox:group:{{{_group}}}:members"))!;
    }

    private static GroupDone Done(GroupTurn turn) => new(turn, new GroupTally(0, turn.Names.Count, 0, 0, 0), [], null);

    private async Task FillAsync(RedisGroupStore store, int members, string? topic = null)
    {
        for (var i = 0; i < members; i++)
        {
            await store.JoinAsync(_group, $"m{i}", null, default);
        }

        await DeliverAsync(store, "first", topic);
    }

    private async Task<string> DeliverAsync(RedisGroupStore store, string body, string? topic) =>
        (await store.DeliverAsync(_group, new Delivery { Body = System.Text.Encoding.UTF8.GetBytes(body), Topic = topic }, false, default)).Id;

    /// <summary>Of a node of its own, whose lease is five of these.</summary>
    private RedisGroupStore Store(TimeSpan deadline)
    {
        var options = new MailboxOptions { Redis = new RedisOptions { Deadline = deadline } };
        return new RedisGroupStore(fixture.Connection, new RedisScripts(options), fixture.Keys, new Node(), options);
    }
}

[Collection(StoreOnRedis.Name)]
public sealed class GroupStoreTestsOnRedis(RedisFixture fixture) : GroupStoreTests(fixture);

[Collection(StoreOnGarnet.Name)]
public sealed class GroupStoreTestsOnGarnet(GarnetFixture fixture) : GroupStoreTests(fixture);
