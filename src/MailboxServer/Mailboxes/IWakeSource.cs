namespace Mailbox.Mailboxes;

/// <summary>Tells a node that something may have come. A wake is a hint: losing one costs latency, never a message.</summary>
internal interface IWakeSource
{
    /// <summary>
    /// Completes when the subscription is confirmed, so that a take after it misses nothing. Dispose to end it.
    /// </summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="onWake">
    /// Called on any thread, often; must not block or throw. It may be given the message, which is a hint like the wake
    /// itself: it may be missed, come twice, or in another order.
    /// </param>
    /// <param name="cancellation">Gives up waiting for the confirmation.</param>
    /// <exception cref="StoreException">The wake path is down.</exception>
    ValueTask<IAsyncDisposable> SubscribeAsync(string mailbox, Action<Carried?> onWake, CancellationToken cancellation);
}
