using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// One mailbox's wake channel on this node: one subscription however many sessions listen. Subscribing and unsubscribing
/// take turns, as the client answers a second SubscribeAsync before the first is confirmed.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing to dispose.")]
internal sealed class WakeChannel(RedisChannel channel)
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _gate = new();
    private Action<Carried?>[] _listeners = [];
    private WakeConnection? _subscribedOn;

    /// <summary>No session listens any more; a new one needs a new object.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>It was closed before its subscription was confirmed, which may still come to be.</summary>
    public bool IsUnconfirmed { get; private set; }

    /// <summary>
    /// False when the channel was closed in between: look for it again. The connection is asked for when it is this
    /// call's turn: one taken before might have been given up by then, and nobody would move the subscription.
    /// </summary>
    public async ValueTask<bool> TryAddAsync(
        Action<Carried?> listener, Func<WakeConnection> connection, TimeSpan deadline, CancellationToken cancellation)
    {
        await _turn.WaitAsync(CancellationToken.None); // a channel that is found new and then given up must be closed
        try
        {
            if (IsClosed)
            {
                return false;
            }

            Change(listeners => [.. listeners, listener]);
            WakeConnection? used = null;
            try
            {
                cancellation.ThrowIfCancellationRequested();
                used = connection();
                await SubscribeAsync(used, deadline, cancellation);
            }
            catch
            {
                Forget(listener);
                IsUnconfirmed = CloseIfUnused(used) && used is not null && used != _subscribedOn;
                throw;
            }

            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>True when this was the last one: the channel is closed and unsubscribed.</summary>
    public async ValueTask<bool> RemoveAsync(Action<Carried?> listener)
    {
        await _turn.WaitAsync();
        try
        {
            Forget(listener);
            return CloseIfUnused(_subscribedOn);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Moves the subscription to a new connection.</summary>
    public async Task MoveToAsync(WakeConnection connection, TimeSpan deadline, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (!IsClosed)
            {
                await SubscribeAsync(connection, deadline, cancellation);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Wake(byte[]? content)
    {
        var carried = CarriedDecoder.Decode(content);
        foreach (var listener in Volatile.Read(ref _listeners))
        {
            listener(carried);
        }
    }

    private async Task SubscribeAsync(WakeConnection connection, TimeSpan deadline, CancellationToken cancellation)
    {
        if (_subscribedOn != connection)
        {
            await connection.SubscribeAsync(channel, Wake).WaitAsync(deadline, cancellation);
            _subscribedOn = connection;
        }
    }

    private bool CloseIfUnused(WakeConnection? connection)
    {
        if (_listeners.Length > 0 || IsClosed)
        {
            return false;
        }

        IsClosed = true;
        if (connection is not null)
        {
            _ = UnsubscribeAsync(connection);
        }

        return true;
    }

    private async Task UnsubscribeAsync(WakeConnection connection)
    {
        try
        {
            await connection.UnsubscribeAsync(channel);
        }
        catch (Exception exception) when (RedisFaults.AsStoreException(exception) is not null)
        {
            // The connection is gone, and the subscription with it.
        }
    }

    private void Forget(Action<Carried?> listener) => Change(listeners => [.. listeners.Where(other => other != listener)]);

    private void Change(Func<Action<Carried?>[], Action<Carried?>[]> change)
    {
        lock (_gate)
        {
            Volatile.Write(ref _listeners, change(_listeners));
        }
    }
}
