using System.Globalization;
using System.Text;
using Mailbox;
using Mailbox.Mailboxes;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

/// <summary>Deliveries that share a script call: each ends as it would have by itself.</summary>
public abstract class DeliveryBatchTests(StoreFixture fixture)
{
    protected StoreFixture Fixture => fixture;

    [Fact]
    public async Task Deliveries_at_the_same_moment_are_all_stored_in_their_order()
    {
        var store = fixture.StoreWith(new MailboxOptions());
        var mailboxes = Enumerable.Range(0, 20).Select(_ => MailboxOf(store)).ToArray();
        var delivered = await AtOnceAsync(Enumerable.Range(0, 200).Select(i => (mailboxes[i % 20], i.ToString(CultureInfo.InvariantCulture))));
        delivered.ShouldAllBe(one => one.Outcome == DeliveryOutcome.Stored);
        for (var m = 0; m < 20; m++)
        {
            (await mailboxes[m].PeekAsync()).ShouldBe(Enumerable.Range(0, 10).Select(i => (m + (20 * i)).ToString(CultureInfo.InvariantCulture)));
            await mailboxes[m].ShouldCountRightAsync();
            await mailboxes[m].ShouldHaveOneDeadlineAsync();
        }
    }

    [Fact]
    public async Task What_each_gets_is_what_it_would_get_by_itself()
    {
        var store = fixture.StoreWith(new MailboxOptions());
        var (alone, together) = (MailboxOf(store), MailboxOf(store));
        Func<TestMailbox, ValueTask<Delivered>>[] deliveries =
        [
            mailbox => mailbox.DeliverAsync("first"),
            mailbox => mailbox.DeliverAsync("typed", type: "a.b", contentType: "application/json; charset=\"utf-8\""),
            mailbox => mailbox.DeliverAsync("older", topic: "t"),
            mailbox => mailbox.DeliverAsync("newer", topic: "t"),
            mailbox => mailbox.DeliverAsync("once", key: "k"),
            mailbox => mailbox.DeliverAsync("once", key: "k"),
            mailbox => mailbox.DeliverAsync("other", key: "k"),
            mailbox => mailbox.DeliverAsync("now or never", ttl: 0),
            mailbox => mailbox.DeliverAsync("short", ttl: 100),
            mailbox => mailbox.DeliverAsync([0, 1, 2, 13, 10, 255]),
            mailbox => mailbox.DeliverAsync([]),
            mailbox => mailbox.DeliverAsync("last"),
        ];
        var expected = new List<Delivered>();
        foreach (var deliver in deliveries)
        {
            expected.Add(await deliver(alone));
        }

        var delivered = await AtOnceAsync(deliveries.Select(deliver => deliver(together).AsTask()));
        delivered.Select(one => (one.Outcome, one.Id.Sequence, one.Connected, one.TimeToLive))
            .ShouldBe(expected.Select(one => (one.Outcome, one.Id.Sequence, one.Connected, one.TimeToLive)));
        (await together.PeekAsync()).ShouldBe(await alone.PeekAsync());
    }

    [Fact]
    public async Task A_mailbox_that_is_full_refuses_its_own_and_no_other()
    {
        var store = fixture.StoreWith(new MailboxOptions { MaxMessages = 3 });
        var (full, roomy) = (MailboxOf(store), MailboxOf(store));
        await full.StoreManyAsync("1", "2", "3");
        var delivered = await AtOnceAsync([(roomy, "a"), (full, "no"), (roomy, "b"), (full, "no"), (roomy, "c")]);
        delivered.Select(one => one.Outcome).ShouldBe(
            [DeliveryOutcome.Stored, DeliveryOutcome.Full, DeliveryOutcome.Stored, DeliveryOutcome.Full, DeliveryOutcome.Stored]);
        (await roomy.PeekAsync()).ShouldBe(["a", "b", "c"]);
        (await full.PeekAsync()).ShouldBe(["1", "2", "3"]);
    }

    [Fact]
    public async Task A_key_of_another_type_fails_its_own_delivery_and_no_other()
    {
        var store = fixture.StoreWith(new MailboxOptions());
        var (broken, whole) = (MailboxOf(store), MailboxOf(store));
        await broken.Cli.ExecuteAsync("SET", broken.List, "no list");
        var deliveries = await StartAsync([(whole, "a"), (whole, "b"), (broken, "no"), (whole, "c")]);
        (await deliveries[0]).Outcome.ShouldBe(DeliveryOutcome.Stored);
        (await deliveries[1]).Outcome.ShouldBe(DeliveryOutcome.Stored);
        (await Should.ThrowAsync<StoreException>(deliveries[2])).Fault.ShouldBe(StoreFault.Conflict);
        (await deliveries[3]).Outcome.ShouldBe(DeliveryOutcome.Stored);
        (await whole.PeekAsync()).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task Large_bodies_go_in_calls_of_bounded_size()
    {
        var store = fixture.StoreWith(new MailboxOptions());
        var mailbox = MailboxOf(store);
        var bodies = Enumerable.Range(0, 40).Select(i => i + new string('x', 60_000)).ToArray();
        (await AtOnceAsync(bodies.Select(body => (mailbox, body)))).ShouldAllBe(one => one.Outcome == DeliveryOutcome.Stored);
        (await mailbox.EntriesAsync()).Select(entry => Encoding.UTF8.GetString(entry.AsSpan(entry.AsSpan().IndexOf((byte)'\n') + 1)))
            .ShouldBe(bodies);
    }

    private protected TestMailbox MailboxOf(IMailboxStore store) => new(store, fixture.Cli, Names.Fresh());

    /// <summary>The engine answers no delivery until all are begun, so that all but the first wait for one another.</summary>
    private protected abstract Task HoldAsync();

    private protected abstract Task ReleaseAsync();

    private protected async Task<Task<Delivered>[]> StartAsync(IEnumerable<(TestMailbox Mailbox, string Body)> deliveries)
    {
        await HoldAsync();
        var begun = deliveries.Select(one => one.Mailbox.DeliverAsync(one.Body).AsTask()).ToArray();
        await ReleaseAsync();
        return begun;
    }

    private protected async Task<Delivered[]> AtOnceAsync(IEnumerable<(TestMailbox Mailbox, string Body)> deliveries) =>
        await Task.WhenAll(await StartAsync(deliveries));

    private async Task<Delivered[]> AtOnceAsync(IEnumerable<Task<Delivered>> deliveries)
    {
        await HoldAsync();
        var begun = deliveries.ToArray();
        await ReleaseAsync();
        return await Task.WhenAll(begun);
    }
}

[Collection(StoreOnRedis.Name)]
public sealed class DeliveryBatchOnRedisTests(RedisFixture fixture) : DeliveryBatchTests(fixture)
{
    [Fact]
    public async Task They_share_calls()
    {
        var store = Fixture.StoreWith(new MailboxOptions());
        var mailboxes = Enumerable.Range(0, 20).Select(_ => MailboxOf(store)).ToArray();
        var callsBefore = await ScriptCallsAsync();
        await AtOnceAsync(Enumerable.Range(0, 200).Select(i => (mailboxes[i % 20], "x")));
        (await ScriptCallsAsync() - callsBefore).ShouldBeInRange(2, 20);
    }

    [Fact]
    public async Task A_server_that_takes_no_writes_for_a_moment_is_asked_again()
    {
        var store = Fixture.StoreWith(new MailboxOptions());
        var mailboxes = Enumerable.Range(0, 10).Select(_ => MailboxOf(store)).ToArray();
        await Fixture.Cli.ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", 1);
        await HoldAsync();

        // The first goes alone and writes nothing, so that it is the batch behind it that is refused.
        var first = MailboxOf(store).DeliverAsync("nobody is there", ttl: 0).AsTask();
        var deliveries = mailboxes.Select(mailbox => mailbox.DeliverAsync("x").AsTask()).ToArray();
        await ReleaseAsync();
        (await first).Outcome.ShouldBe(DeliveryOutcome.Absent);
        await Task.Delay(300);
        await Fixture.Cli.ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", 0);
        (await Task.WhenAll(deliveries)).ShouldAllBe(one => one.Outcome == DeliveryOutcome.Stored);
        foreach (var mailbox in mailboxes)
        {
            (await mailbox.PeekAsync()).ShouldBe(["x"]);
        }
    }

    [Fact]
    public async Task Redis_without_memory_refuses_each_and_stores_nothing()
    {
        var store = Fixture.StoreWith(new MailboxOptions());
        var mailboxes = Enumerable.Range(0, 10).Select(_ => MailboxOf(store)).ToArray();
        await Fixture.Cli.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        try
        {
            foreach (var delivery in await StartAsync(mailboxes.Select(mailbox => (mailbox, "no"))))
            {
                (await Should.ThrowAsync<StoreException>(delivery)).Fault.ShouldBe(StoreFault.Full);
            }
        }
        finally
        {
            await Fixture.Cli.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        }

        foreach (var mailbox in mailboxes)
        {
            (await mailbox.ExistsAsync()).ShouldBeFalse();
        }
    }

    private protected override Task HoldAsync() => Fixture.Cli.ExecuteAsync("CLIENT", "PAUSE", 30_000, "WRITE");

    private protected override Task ReleaseAsync() => Fixture.Cli.ExecuteAsync("CLIENT", "UNPAUSE");

    private async Task<long> ScriptCallsAsync()
    {
        var stats = (await Fixture.Cli.TextAsync("INFO", "commandstats"))!;
        return stats.Split("\r\n")
            .Where(line => line.StartsWith("cmdstat_eval", StringComparison.OrdinalIgnoreCase))
            .Sum(line => long.Parse(line.Split("calls=")[1].Split(',')[0], CultureInfo.InvariantCulture));
    }
}

[Collection(StoreOnGarnet.Name)]
public sealed class DeliveryBatchOnGarnetTests(GarnetFixture fixture) : DeliveryBatchTests(fixture)
{
    private protected override Task HoldAsync() => Task.CompletedTask;

    private protected override Task ReleaseAsync() => Task.CompletedTask;
}
