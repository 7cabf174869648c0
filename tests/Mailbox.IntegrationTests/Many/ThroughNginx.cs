using System.Globalization;
using System.Text.Json;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Many;

/// <summary>
/// What a plain EventSource does through a plain nginx: it knows one URL and the last id, and comes back to whichever node.
/// </summary>
public class ThroughNginx(Cluster cluster)
{
    private const int Each = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public async Task Cut_and_resumed_while_all_are_delivered_to_it_is_complete_in_order_and_without_a_duplicate(int count)
    {
        const int Rounds = 5;
        var mailboxes = ManyCalls.Fresh(count);
        var all = count * Each;
        await using var nginx = await Nginx.StartAsync(cluster.A.BaseAddress, cluster.B.BaseAddress);
        var received = new List<ReceivedEvent>();
        string? place = null;
        Task? delivering = null;
        for (var round = 1; received.Count < all; round++)
        {
            round.ShouldBeLessThanOrEqualTo(Rounds + 1, "each round but the last goes on until it has its share");
            var source = await OpenAsync(nginx, mailboxes, place);
            delivering ??= DeliverAsync(mailboxes);
            for (var share = all * round / Rounds; received.Count < share;)
            {
                Take(await source.NextAsync(Patience.Long));
            }

            if (round % 2 == 0)
            {
                await nginx.RestartAsync();
                (await source.EndsAsync(Patience.Long)).ShouldBeTrue();
            }

            await source.DisposeAsync();
            foreach (var rest in await source.ToEndAsync()) Take(rest); // an EventSource had seen these too
            place = source.LastPlaces ?? place;
        }

        await delivering!;
        received.Count.ShouldBe(all);
        foreach (var mailbox in mailboxes) received.TextsOf(mailbox).ShouldBe(Numbers());
        await using var last = await OpenAsync(nginx, mailboxes, place);
        await last.AllOpenAsync(mailboxes);
        await last.SilenceAsync();

        void Take(ReceivedEvent next)
        {
            next.Kind.ShouldNotBe(ReceivedKind.End);
            if (next.Kind == ReceivedKind.Message) received.Add(next);
            else next.Control.ShouldBe(Contracts.ControlEvents.Open);
        }
    }

    [Fact]
    public async Task A_hundred_mailboxes_come_back_through_its_default_buffers()
    {
        var mailboxes = ManyCalls.Fresh(100);
        await using var nginx = await Nginx.StartAsync(cluster.A.BaseAddress);
        string? place = null;
        for (var round = 0; round < 3; round++)
        {
            await using var source = await OpenAsync(nginx, mailboxes, place);
            await source.AllOpenAsync(mailboxes);
            await cluster.B.DeliverAllAsync(mailboxes[50], [$"{round}"]);
            (await source.MessageAsync()).Text.ShouldBe($"{round}");
            place = source.LastPlaces;
        }
    }

    private static string[] Numbers() => [.. Enumerable.Range(1, Each).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    private static async Task<SseReceiver> OpenAsync(Nginx nginx, IReadOnlyList<string> mailboxes, string? place) =>
        await Receivers.SseAsync(nginx.Address, "unused", new() { Mailboxes = mailboxes, LastEventId = place, Deadline = Patience.Long });

    private async Task DeliverAsync(string[] mailboxes)
    {
        var to = JsonSerializer.Serialize(mailboxes);
        foreach (var number in Numbers())
        {
            (await cluster.B.DeliverManyAsync($$"""{"to":{{to}},"data":"{{number}}"}""")).Status.ShouldBe(200);
        }
    }
}
