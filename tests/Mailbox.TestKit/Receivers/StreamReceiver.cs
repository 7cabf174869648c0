using System.Net.WebSockets;
using System.Threading.Channels;

namespace Mailbox.TestKit;

/// <summary>What the receivers of a lasting stream share: a reader in the background, and waits with a deadline.</summary>
public abstract class StreamReceiver : IReceiver
{
    private readonly Channel<ReceivedEvent> _events;
    private readonly CancellationTokenSource _closing = new();
    private readonly Seen _seen = new();
    private Task _reading = Task.CompletedTask;
    private int _heartbeats;

    private protected StreamReceiver(HttpOpen open)
    {
        Open = open;
        _events = open.Options.ReadsAhead
            ? Channel.CreateUnbounded<ReceivedEvent>()
            : Channel.CreateBounded<ReceivedEvent>(1);
    }

    public string? LastCursor { get; private set; }

    /// <summary>Of the last event that <see cref="NextAsync"/> gave and that had them: what resumes all of several mailboxes.</summary>
    public string? LastPlaces { get; private set; }

    public int HeartbeatCount => Volatile.Read(ref _heartbeats);

    /// <summary>How the connection broke, if the stream did not end in an orderly way.</summary>
    public Exception? Failure { get; private set; }

    private protected HttpOpen Open { get; }

    public async Task<ReceivedEvent> NextAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            var next = await _events.Reader.ReadAsync(deadline.Token);
            LastCursor = next.Cursor ?? LastCursor;
            LastPlaces = next.Places ?? LastPlaces;
            _seen.Add(next);
            return next;
        }
        catch (ChannelClosedException exception)
        {
            return exception.InnerException is { } inner
                ? throw new InvalidOperationException($"The stream cannot be read. {_seen}", inner)
                : new ReceivedEvent(ReceivedKind.End);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Nothing came within {timeout}. {_seen}");
        }
    }

    public async Task<bool> EndsAsync(TimeSpan timeout) =>
        await Task.WhenAny(_reading, Task.Delay(timeout)) == _reading;

    public virtual Task AckAsync(string cursor, CancellationToken cancellationToken = default) =>
        Open.AckAsync(cursor, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        Drop();
        await _reading.WaitAsync(TimeSpan.FromSeconds(10));
        Open.Dispose();
        _closing.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins to read; once, when the stream is open.</summary>
    private protected void Start() => _reading = Task.Run(ReadToEndAsync);

    /// <summary>Reads until the stream ends; hands each event to <see cref="GiveAsync"/>.</summary>
    private protected abstract Task ReadAsync(CancellationToken cancellationToken);

    /// <summary>Closes the connection at once.</summary>
    private protected abstract void Drop();

    private protected ValueTask GiveAsync(ReceivedEvent received, CancellationToken cancellationToken)
    {
        if (received.IsControl(Envelopes.Heartbeat))
        {
            CountHeartbeat();
            return ValueTask.CompletedTask;
        }

        return _events.Writer.WriteAsync(received, cancellationToken);
    }

    private protected void CountHeartbeat() => Interlocked.Increment(ref _heartbeats);

    private async Task ReadToEndAsync()
    {
        try
        {
            await ReadAsync(_closing.Token);
            _events.Writer.TryComplete();
        }
        catch (Exception exception) when (_closing.IsCancellationRequested ||
            exception is IOException or HttpRequestException or WebSocketException or OperationCanceledException)
        {
            Failure = exception;
            _events.Writer.TryComplete();
        }
        catch (Exception exception)
        {
            // What cannot be read is the server's fault, and must not look like the end of the stream.
            Failure = exception;
            _events.Writer.TryComplete(exception);
        }
    }
}
