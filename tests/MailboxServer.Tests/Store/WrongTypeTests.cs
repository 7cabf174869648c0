using Mailbox;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>A key of another type than the contract names is a fault of its own, and nothing is stored.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class WrongTypeTests(RedisFixture fixture)
{
    [Fact]
    public async Task Every_call_on_a_hash_that_is_none_is_a_conflict()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.Cli.ExecuteAsync("SET", mailbox.Hash, "text");
        await ShouldConflictAsync(mailbox);
        (await mailbox.LengthAsync()).ShouldBe(0);
        (await mailbox.Cli.TextAsync("GET", mailbox.Hash)).ShouldBe("text");
    }

    [Fact]
    public async Task Every_call_on_a_list_that_is_none_is_a_conflict()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.Cli.ExecuteAsync("SET", mailbox.List, "text");
        await ShouldConflictAsync(mailbox);
        (await mailbox.DeadlinesAsync())[0].ShouldBe(-2);
        (await mailbox.Cli.TextAsync("GET", mailbox.List)).ShouldBe("text");
    }

    [Fact]
    public async Task Deliver_TheIndexIsNone_IsAConflictWhereItIsNeeded()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.Cli.ExecuteAsync("SET", mailbox.Index, "text");

        await ShouldConflictAsync(() => mailbox.DeliverAsync("a", key: "k"));
        await ShouldConflictAsync(() => mailbox.DeliverAsync("a", topic: "t"));
        (await mailbox.LengthAsync()).ShouldBe(0);

        (await mailbox.DeliverAsync("a")).Outcome.ShouldBe(DeliveryOutcome.Stored);
        (await (await mailbox.OpenAsync()).BodiesAsync()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Remove_KeysOfAnyType_RemovesThem()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.Cli.ExecuteAsync("SET", mailbox.Hash, "text");

        (await mailbox.Store.RemoveAsync(mailbox.Name, CancellationToken.None)).ShouldBeTrue();

        (await mailbox.ExistsAsync()).ShouldBeFalse();
    }

    private static async Task ShouldConflictAsync(TestMailbox mailbox)
    {
        var (store, name, none) = (mailbox.Store, mailbox.Name, CancellationToken.None);
        var receiver = new TestReceiver(mailbox, AckMode.Client, 10, isShared: false, Identifier.None)
        {
            Position = new Position(Identifier.Random(), 1, Identifier.Random()),
        };
        await ShouldConflictAsync(() => mailbox.DeliverAsync("a", topic: "t", key: "k"));
        await ShouldConflictAsync(async () => await receiver.OpenAsync(StartAt.Oldest, default));
        await ShouldConflictAsync(async () => await receiver.TakeAsync());
        await ShouldConflictAsync(() => receiver.AckAsync());
        await ShouldConflictAsync(async () =>
        {
            await receiver.LeaveAsync();
            return 0;
        });
        await ShouldConflictAsync(() => mailbox.PeekEntriesAsync());
        await ShouldConflictAsync(() => mailbox.TakeBackAsync(new MessageId(Identifier.Random(), 1)));
        await ShouldConflictAsync(() => store.ConfigureAsync(name, new MailboxSettings(), none));
        await ShouldConflictAsync(() => store.GetInfoAsync(name, none));
        await ShouldConflictAsync(() => store.DismissAsync(name, none));
    }

    private static async Task ShouldConflictAsync<T>(Func<ValueTask<T>> call) =>
        (await Should.ThrowAsync<StoreException>(async () => await call())).Fault.ShouldBe(StoreFault.Conflict);
}
