using System.Text;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>When a wake carries its message, and what the store has noted then.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class CarriedTests(RedisFixture fixture)
{
    [Fact]
    public async Task A_receiver_that_has_taken_everything_is_brought_the_next_which_counts_as_sent()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a");
        var receiver = await mailbox.OpenAsync(ack: AckMode.None);
        await receiver.BodiesAsync();
        await using var wakes = await Wakes.OfAsync(mailbox, fixture.Engine);

        var delivered = await mailbox.DeliverAsync("b", type: "t");

        var carried = (await wakes.NextAsync()).ShouldNotBeNull();
        carried.Fence.ShouldBe(receiver.Fence);
        carried.Before.ShouldBe(receiver.Position);
        carried.Message.Id.ShouldBe(delivered.Id);
        Encoding.UTF8.GetString(carried.Message.Body.Span).ShouldBe("b");
        carried.Message.Type.ShouldBe("t");
        (await mailbox.InfoAsync()).Sent.ShouldBe(2);
        (await receiver.BodiesAsync()).ShouldBe(["b"], "who missed the wake takes it");
    }

    [Fact]
    public async Task Nobody_is_brought_anything_who_is_not_there_or_has_not_taken_everything()
    {
        var mailbox = fixture.Mailbox();
        await using var wakes = await Wakes.OfAsync(mailbox, fixture.Engine);

        await mailbox.DeliverAsync("nobody there");
        (await wakes.NextAsync()).ShouldBeNull();
        var receiver = await mailbox.OpenAsync();
        (await wakes.NextAsync()).ShouldBeNull("that is the open's own");
        await mailbox.DeliverAsync("there, behind one that is not taken");
        (await wakes.NextAsync()).ShouldBeNull();
        await receiver.BodiesAsync();
        await receiver.LeaveAsync(keepsLease: true);
        await mailbox.DeliverAsync("between two polls");
        (await wakes.NextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_full_window_is_brought_nothing()
    {
        var mailbox = fixture.Mailbox();
        var receiver = await mailbox.OpenAsync(window: 2);
        await using var wakes = await Wakes.OfAsync(mailbox, fixture.Engine);

        foreach (var (body, isCarried) in new[] { ("a", true), ("b", true), ("c", false), ("d", false) })
        {
            await mailbox.DeliverAsync(body);
            ((await wakes.NextAsync()) is not null).ShouldBe(isCarried, body);
        }

        (await mailbox.InfoAsync()).Sent.ShouldBe(2);
    }

    [Fact]
    public async Task Without_acknowledgement_it_takes_now_and_then_so_that_what_it_has_is_known()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 10);
        var receiver = await mailbox.OpenAsync(ack: AckMode.None);
        await using var wakes = await Wakes.OfAsync(mailbox, fixture.Engine);
        for (var i = 1; i <= 100; i++)
        {
            (await mailbox.DeliverAsync($"{i}")).Outcome.ShouldBe(DeliveryOutcome.Stored, $"{i}");
            if (await wakes.NextAsync() is { } carried)
            {
                receiver.Position = carried.Message.Position;
            }
            else
            {
                await receiver.TakeAsync();
            }
        }
    }

    [Fact]
    public async Task A_large_message_is_not_carried()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.OpenAsync();
        await using var wakes = await Wakes.OfAsync(mailbox, fixture.Engine);

        await mailbox.DeliverAsync(new string('x', 5000));

        (await wakes.NextAsync()).ShouldBeNull();
        (await mailbox.InfoAsync()).Sent.ShouldBe(0);
    }
}
