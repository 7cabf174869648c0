using System.Threading.Channels;

namespace Mailbox.Client.Receiving;

/// <summary>
/// How fast the acknowledgements of one connection follow each other. Each mailbox tells by itself; together they must stay
/// below what a server takes from one WebSocket, and below what it is to have of requests at once. Thread-safe.
/// </summary>
/// <param name="rest">After each acknowledgement of one mailbox.</param>
/// <param name="apart">Between two of any.</param>
/// <param name="calls">How many requests at once.</param>
/// <param name="clock">The client's.</param>
internal sealed class AckPace(TimeSpan rest, TimeSpan apart, int calls, TimeProvider clock)
{
    /// <summary>A rest, so that a fast loop does not acknowledge each message by itself: well below what a window lasts.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(5);

    /// <summary>A smaller window would stand still for the rest.</summary>
    private const int SmallWindow = 40;

    /// <summary>2,000 a second: a server takes 5,000 frames from one WebSocket, opens and closes among them.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(0.5);

    /// <summary>Over HTTP/1.1 each is a connection of its own.</summary>
    public const int Calls = 8;

    private readonly Lock _lock = new();
    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(calls); // each that is made is in it
    private readonly long _began = clock.GetTimestamp();
    private TimeSpan _next;

    public static AckPace OfOne(int window, TimeProvider clock) => new(RestOf(window), TimeSpan.Zero, 1, clock);

    public static AckPace OfSeveral(int window, TimeProvider clock) => new(RestOf(window), Apart, Calls, clock);

    /// <summary>After an acknowledgement: until the same mailbox may tell its next.</summary>
    public Task RestAsync(CancellationToken cancellation)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = clock.GetElapsedTime(_began);
            _next = (_next > now ? _next : now) + apart;
            wait = _next - now > rest ? _next - now : rest;
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, cancellation) : Task.CompletedTask;
    }

    /// <summary>Makes a request when there is room for one more.</summary>
    public async Task CallAsync(Func<Task> callAsync, CancellationToken cancellation)
    {
        await _calls.Writer.WriteAsync(true, cancellation).ConfigureAwait(false);
        try
        {
            await callAsync().ConfigureAwait(false);
        }
        finally
        {
            _calls.Reader.TryRead(out _);
        }
    }

    private static TimeSpan RestOf(int window) => window >= SmallWindow ? Rest : TimeSpan.Zero;
}
