using Mailbox;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>A repeated key answers what the first delivery was told, for ten minutes, and the index stays small.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class IdempotencyTests(RedisFixture fixture)
{
    [Fact]
    public async Task Replay_AnswersIdExpiryAndTtlOfTheFirst_AlsoWhenTheMessageIsGone()
    {
        var mailbox = fixture.Mailbox();
        var first = await mailbox.DeliverAsync("a", key: "k", ttl: 1_000_000);
        var receiver = await mailbox.OpenAsync();
        await receiver.TakeAsync();
        await receiver.AckAsync();

        var again = await mailbox.DeliverAsync("a", key: "k", ttl: 1_000_000);

        again.ShouldBe(first with { Outcome = DeliveryOutcome.Replayed, Connected = true });
        (await mailbox.LengthAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Replay_WithoutOwnTtl_HasNone()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.DeliverAsync("a", key: "k");
        (await mailbox.DeliverAsync("a", key: "k")).TimeToLive.ShouldBeNull();
    }

    [Fact]
    public async Task Conflict_StoresNothing_AndTheFirstStaysKnown()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a", key: "k");

        (await mailbox.DeliverAsync("b", key: "k")).Outcome.ShouldBe(DeliveryOutcome.Conflict);

        (await mailbox.DeliverAsync("a", key: "k")).Outcome.ShouldBe(DeliveryOutcome.Replayed);
        (await mailbox.PeekAsync()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_refusal_for_want_of_room_is_not_remembered()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 1);
        var first = await mailbox.StoreAsync("a");
        (await mailbox.DeliverAsync("b", key: "k")).Outcome.ShouldBe(DeliveryOutcome.Full);
        await mailbox.TakeBackAsync(first);

        (await mailbox.DeliverAsync("b", key: "k")).Outcome.ShouldBe(DeliveryOutcome.Stored);
        (await mailbox.DeliverAsync("b", key: "k")).Outcome.ShouldBe(DeliveryOutcome.Replayed);
    }

    [Fact]
    public async Task After_ten_minutes_a_key_is_free()
    {
        var mailbox = fixture.Mailbox();
        var first = await mailbox.StoreAsync("a", key: "k");
        var remembered = (await mailbox.Cli.TextAsync("HGET", mailbox.Index, "key:k"))!;
        var now = await mailbox.NowMillisecondsAsync();
        var till = long.Parse(remembered.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        till.ShouldBeInRange(now + 590_000, now + 600_000);

        await mailbox.Cli.ExecuteAsync(
            "HSET", mailbox.Index, "key:k", remembered.Replace($"{till}", $"{now}", StringComparison.Ordinal));

        var second = await mailbox.DeliverAsync("b", key: "k");
        second.Outcome.ShouldBe(DeliveryOutcome.Stored);
        second.Id.ShouldNotBe(first);
    }

    [Fact]
    public async Task Five_thousand_keys_leave_a_bounded_index_and_the_newest_are_known()
    {
        var mailbox = fixture.Mailbox();
        var receiver = await mailbox.OpenAsync();
        for (var i = 0; i < 50; i++)
        {
            await Task.WhenAll(Enumerable.Range(i * 100, 100).Select(async n => await mailbox.StoreAsync("x", key: $"k{n}")));
            await receiver.TakeAsync();
            await receiver.AckAsync();
        }

        ((long)(await mailbox.Cli.ExecuteAsync("HLEN", mailbox.Index))!).ShouldBeInRange(500, 2001);
        for (var n = 4900; n < 5000; n++)
        {
            (await mailbox.DeliverAsync("x", key: $"k{n}")).Outcome.ShouldBe(DeliveryOutcome.Replayed);
        }
    }

    [Fact]
    public async Task What_the_index_holds_by_mistake_is_not_taken_for_a_key()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        await mailbox.Cli.ExecuteAsync("HSET", mailbox.Index, "key:k", "junk", "topic:t", "junk");

        (await mailbox.DeliverAsync("b", key: "k", topic: "t")).Outcome.ShouldBe(DeliveryOutcome.Stored);
        (await mailbox.DeliverAsync("b", key: "k")).Outcome.ShouldBe(DeliveryOutcome.Replayed);
    }
}
