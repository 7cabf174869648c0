using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

/// <summary>A stream of every kind, each on its own mailbox, that must live through what a test does to the store.</summary>
internal sealed class OneOfEach : IAsyncDisposable
{
    private readonly List<(string Mailbox, IReceiver Receiver)> _streams = [];
    private int _count;

    public IEnumerable<string> Mailboxes => _streams.Select(stream => stream.Mailbox);

    public static async Task<OneOfEach> OpenAsync(MailboxNode node)
    {
        var all = new OneOfEach();
        foreach (var way in Ways.Streams)
        {
            var mailbox = Names.Fresh("each");
            var receiver = await node.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "client" });
            await receiver.NextIsAsync(ControlEvents.Open);
            all._streams.Add((mailbox, receiver));
        }

        await all.AssertFlowAsync(node);
        return all;
    }

    /// <summary>Each gets the next message, and has been told nothing since the one before.</summary>
    public async Task AssertFlowAsync(MailboxNode node)
    {
        var text = $"m{++_count}";
        foreach (var (mailbox, receiver) in _streams)
        {
            (await node.DeliverAsync(mailbox, text)).Status.ShouldBeOneOf(201, 202);
            (await receiver.MessageAsync()).Text.ShouldBe(text);
        }
    }

    /// <summary>Each is told of the failover, at most once for each, and then gets the next message.</summary>
    /// <param name="of">The mailboxes that failed over, when not all of them did: the others are told nothing.</param>
    public async Task AssertFlowAfterFailoverAsync(MailboxNode node, int times = 1, IReadOnlyCollection<string>? of = null)
    {
        var text = $"m{++_count}";
        foreach (var (mailbox, receiver) in _streams)
        {
            (await node.DeliverAsync(mailbox, text)).Status.ShouldBeOneOf(201, 202);
            var resets = 0;
            ReceivedEvent next;
            while ((next = await receiver.NextAsync(Patience.Long)).IsControl(ControlEvents.Reset))
            {
                next.Json!.Value.GetProperty("reason").GetString().ShouldBe(ResetReasons.Failover);
                resets++;
            }

            var isToBeTold = of?.Contains(mailbox) ?? true;
            resets.ShouldBeInRange(isToBeTold ? 1 : 0, isToBeTold ? times : 0);
            (next.Kind, next.Text).ShouldBe((ReceivedKind.Message, text));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, receiver) in _streams)
        {
            await receiver.DisposeAsync();
        }
    }
}
