using System.Collections.Concurrent;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

/// <summary>Subscriptions that a test confirms, refuses and wakes. Writes what happens into a journal.</summary>
internal sealed class FakeWakeSource(Journal journal) : IWakeSource
{
    private readonly ConcurrentDictionary<Subscription, bool> _subscriptions = new();

    /// <summary>Completes, or fails, every subscription; already complete by default.</summary>
    public Task Confirmation { get; set; } = Task.CompletedTask;

    public int Count => _subscriptions.Count;

    public async ValueTask<IAsyncDisposable> SubscribeAsync(string mailbox, Action<Carried?> onWake, CancellationToken cancellation)
    {
        journal.Add("subscribe");
        await Confirmation.WaitAsync(cancellation);
        journal.Add("confirmed");
        var subscription = new Subscription(this, journal, onWake);
        _subscriptions[subscription] = true;
        return subscription;
    }

    public void Wake(Carried? carried = null)
    {
        foreach (var (subscription, _) in _subscriptions)
        {
            subscription.OnWake(carried);
        }
    }

    private sealed class Subscription(FakeWakeSource source, Journal journal, Action<Carried?> onWake) : IAsyncDisposable
    {
        public Action<Carried?> OnWake { get; } = onWake;

        public ValueTask DisposeAsync()
        {
            journal.Add("unsubscribe");
            source._subscriptions.TryRemove(this, out _).ShouldBeTrue("disposed once");
            return ValueTask.CompletedTask;
        }
    }
}
