using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Mailbox.Client.Diagnostics;
using Mailbox.Client.Http;

namespace Mailbox.Client.Receiving;

/// <summary>What receivers of one mailbox and of several have alike: one loop at a time, how it stands, and its end. Thread-safe.</summary>
/// <param name="owner">The receiver; its type is named when it is disposed.</param>
/// <param name="http">The client's.</param>
/// <param name="ack">Who acknowledges.</param>
/// <param name="begin">Begins a loop; what it is given ends that loop.</param>
internal sealed class ReceiverLoop(object owner, MailboxHttp http, AckMode ack, Func<Action<Exception>, IReceiving> begin) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Lock _states = new();
    private Reading? _reading;
    private volatile ReceiverState _state;
    private bool _isDisposed;

    public event Action<ReceiverState>? StateChanged;

    public ReceiverState State => _state;

    /// <summary>Who it is to the server: chosen here, so that an open whose answer is lost is repeated as the same receiver.</summary>
    public string Receiver { get; init; } = RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>Null while no loop runs.</summary>
    public Reading? Reading => Volatile.Read(ref _reading);

    public void Become(ReceiverState state)
    {
        // An acknowledgement may end the receiver while its connection is just lost: told in turn, and of a receiver that is
        // closed nothing but that it begins anew.
        lock (_states)
        {
            if (_state == state || (_state == ReceiverState.Closed && state != ReceiverState.Connecting))
            {
                return;
            }

            _state = state;
            try
            {
                StateChanged?.Invoke(state);
            }
            catch (Exception exception)
            {
                ClientLog.ListenerFailed(http.Log, exception, Receiver);
            }
        }
    }

    /// <param name="tell">Takes what is no message; null: it comes in the sequence.</param>
    /// <param name="cancellation">Ends the loop.</param>
    public async IAsyncEnumerable<MailboxEvent> ReadAsync(
        Action<MailboxEvent>? tell, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var reading = Begin();
        try
        {
            while (await reading.NextAsync(cancellation).ConfigureAwait(false) is { } next)
            {
                if (next is MailboxMessage message)
                {
                    ClientDiagnostics.Received(message);
                    yield return message;
                    if (ack == AckMode.Automatic)
                    {
                        await TakeAsDoneAsync(message).ConfigureAwait(false);
                    }
                }
                else if (tell is null)
                {
                    yield return next;
                }
                else
                {
                    ClientLog.Told(http.Log, Receiver, next.ToString()!);
                    tell(next);
                }
            }
        }
        finally
        {
            try
            {
                await reading.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Exchange(ref _reading, null); // else no other loop could ever begin
                reading.Leave();
            }

            // Whoever acknowledged while the loop's end was told still saw a loop, and left it to that.
            await reading.TryFlushAsync().ConfigureAwait(false);
        }
    }

    public ValueTask AckAsync(Seat seat, string cursor, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, owner);
        seat.Acks.Mark(cursor);
        return seat.Pump is null && seat.Acks.Position is { } place
            ? new ValueTask(AckPump.TellAsync(http, seat.Mailbox, place, http.Options.SendRetryTime, cancellation))
            : ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        Reading? reading;
        lock (_lock)
        {
            _isDisposed = true;
            reading = _reading;
        }

        if (reading is not null)
        {
            await reading.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Reading Begin()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, owner);
            return _reading = _reading is null
                ? new Reading(this, http, begin)
                : throw new InvalidOperationException("Another loop runs over this receiver.");
        }
    }

    /// <summary>The next message is asked for. One whose mailbox left the list meanwhile is told here, as nobody else does.</summary>
    private async Task TakeAsDoneAsync(MailboxMessage message)
    {
        message.Seat.Acks.Mark(message.Cursor);
        if (message.Seat.Pump is not null || message.Seat.Acks.Position is not { } place)
        {
            return;
        }

        try
        {
            await AckPump.TellAsync(http, message.Mailbox, place, http.Options.AttemptTimeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (MailboxException exception)
        {
            ClientLog.NotAcknowledged(http.Log, Receiver, exception.Message);
        }
    }
}
