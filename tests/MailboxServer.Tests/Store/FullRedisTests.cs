using Mailbox;
using Mailbox.Mailboxes;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

/// <summary>Redis at its maxmemory with noeviction: nothing gets in, and everything gets out.</summary>
public sealed class FullRedisTests(FullRedisTests.Fixture fixture) : IClassFixture<FullRedisTests.Fixture>
{
    private static readonly string Ballast = new('x', 50_000);

    [Fact]
    public async Task A_full_Redis_refuses_deliveries_stores_nothing_of_them_and_still_drains()
    {
        var mailbox = fixture.Mailbox();
        var other = fixture.Mailbox();
        await mailbox.StoreManyAsync("1", "2", "3", "4");
        await other.StoreAsync("x");
        var receiver = await mailbox.OpenAsync(window: 2);
        await receiver.BodiesAsync(most: 1);
        await mailbox.Cli.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        try
        {
            await ShouldBeFullAsync(async () => await mailbox.DeliverAsync("no"));
            await ShouldBeFullAsync(async () => await mailbox.DeliverAsync("no", topic: "t", key: "k"));
            await ShouldBeFullAsync(async () => await fixture.Mailbox().DeliverAsync("no"));
            (await Should.ThrowAsync<RedisErrorException>(() => mailbox.FunctionAsync("no"))).Code.ShouldBe("OOM");
            (await Should.ThrowAsync<RedisErrorException>(() => mailbox.BareAsync("no"))).Code.ShouldBe("OOM");
            (await mailbox.LengthAsync()).ShouldBe(4);

            (await receiver.BodiesAsync(most: 1)).ShouldBe(["2"]);
            (await receiver.AckAsync()).ShouldBe(AckOutcome.Acked);
            var third = (await mailbox.PeekEntriesAsync()).Entries[0].Message!.Id;
            (await mailbox.TakeBackAsync(third)).ShouldBeTrue();
            await mailbox.ShouldCountRightAsync();
            (await mailbox.OpenAsync(cursor: receiver.Cursor)).Opened.IsRefused.ShouldBeFalse();
            var second = await mailbox.OpenAsync();
            (await second.BodiesAsync()).ShouldBe(["4"]);
            (await second.AckAsync()).ShouldBe(AckOutcome.Acked);
            await second.LeaveAsync();
            (await mailbox.LengthAsync()).ShouldBe(0);
            (await mailbox.Store.DismissAsync(mailbox.Name, CancellationToken.None)).ShouldBeFalse();
            (await other.Store.RemoveAsync(other.Name, CancellationToken.None)).ShouldBeTrue();
            (await other.ExistsAsync()).ShouldBeFalse();
        }
        finally
        {
            await mailbox.Cli.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        }

        await mailbox.StoreAsync("5");
        (await (await mailbox.OpenAsync()).BodiesAsync()).ShouldBe(["5"]);
    }

    /// <summary>There is nothing in it to drain: else anybody could fill Redis over its limit by opening ever new names.</summary>
    [Fact]
    public async Task A_mailbox_that_is_not_there_does_not_come_to_be_on_a_full_Redis()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.Cli.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        try
        {
            await ShouldBeFullAsync(() => mailbox.OpenAsync());
            await ShouldBeFullAsync(() => mailbox.OpenAsync(shared: true));
            await ShouldBeFullAsync(async () => await mailbox.Store.ConfigureAsync(mailbox.Name, new() { MaxMessages = 3 }, CancellationToken.None));
            (await mailbox.ExistsAsync()).ShouldBeFalse();
        }
        finally
        {
            await mailbox.Cli.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        }
    }

    [Fact]
    public async Task A_mailbox_that_filled_Redis_accepts_again_once_it_is_drained()
    {
        var mailbox = fixture.Mailbox(new MailboxOptions { MaxBytes = 1_000_000_000 });
        var used = await UsedMemoryAsync();
        await mailbox.Cli.ExecuteAsync("CONFIG", "SET", "maxmemory", used + 8_000_000);
        try
        {
            var stored = 0;
            await ShouldBeFullAsync(async () =>
            {
                for (; stored < 1000; stored++)
                {
                    await mailbox.StoreAsync(Ballast);
                }
            });

            var receiver = await mailbox.OpenAsync();
            var taken = await receiver.DrainAsync(acknowledges: true);

            taken.Sum(one => one.Entries.Count).ShouldBe(stored);
            (await mailbox.LengthAsync()).ShouldBe(0);
            await Eventually.HoldsAsync(
                async () => (await mailbox.DeliverAsync("again")).Outcome == DeliveryOutcome.Stored,
                TimeSpan.FromSeconds(20),
                "it accepts again");
        }
        finally
        {
            await mailbox.Cli.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        }
    }

    private static async Task ShouldBeFullAsync(Func<Task> call) =>
        (await Should.ThrowAsync<StoreException>(call)).Fault.ShouldBe(StoreFault.Full);

    private async Task<long> UsedMemoryAsync() =>
        (long)(await fixture.Cli.TextAsync("INFO", "memory"))!.Split("\r\n")
            .Where(line => line.StartsWith("used_memory:", StringComparison.Ordinal))
            .Select(line => long.Parse(line["used_memory:".Length..], System.Globalization.CultureInfo.InvariantCulture))
            .Single();

    /// <summary>One of its own: a full Redis is full for everyone.</summary>
    public sealed class Fixture : StoreFixture
    {
        protected override async Task<RedisEngine> StartEngineAsync() =>
            await RedisServer.StartAsync(("maxmemory-policy", "noeviction"));
    }
}
