using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Mailbox;
using Mailbox.Mailboxes;
using Mailbox.Redis;
using Mailbox.Telemetry;
using Mailbox.Transports;
using MailboxServer.Tests.Mailboxes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MailboxServer.Tests;

/// <summary>
/// What one message leaves to the garbage collector on its way from the wake that carries it to the bytes that a receiver
/// is sent: in bytes, which no busy machine changes. Alone in the process, as one test counts what all threads allocate.
/// </summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AllocationTests : IDisposable
{
    public const string Name = "Allocations";

    /// <summary>
    /// The message (128), what carried it (64), and the array of one that its transport is given (32). The wake's bytes are
    /// the Redis client's, and the body stays in them.
    /// </summary>
    private const int MostBytes = 224 + Debug;

    /// <summary>In a Debug build every state machine is an object of its own.</summary>
#if DEBUG
    private const int Debug = 1_000;
#else
    private const int Debug = 0;
#endif

    /// <summary>What the node's timer and others allocate meanwhile, by 1,000 messages. The least object has 24 bytes.</summary>
    private const double Others = 0.5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Never = TimeSpan.FromDays(1_000);

    /// <summary>A node's figures are always read by its page.</summary>
    private readonly MetricsPage _page = new(null, TimeProvider.System);

    private readonly SessionRegistry _registry = new(new SessionClock { Heartbeat = Never, Sweep = Never, WriteDeadline = Never });

    public void Dispose()
    {
        _registry.Dispose();
        _page.Dispose();
    }

    [Theory]
    [InlineData(1, 1_000)]
    [InlineData(1, 10_000)]
    [InlineData(100, 100)]
    [InlineData(1_000, 10)]
    public async Task A_message_costs_as_little_as_ever_however_many_there_are(int mailboxes, int messages)
    {
        var seats = new List<Seat>();
        while (seats.Count < mailboxes)
        {
            seats.Add(await Seat.OpenAsync($"mailbox-{seats.Count}", _registry));
        }

        var output = new ArrayBufferWriter<byte>(64 * 1024);
        var least = Least(MostBytes, () =>
        {
            seats.ForEach(seat => seat.Prepare(messages));
            var before = GC.GetAllocatedBytesForCurrentThread();
            Deliver(seats, messages, output);
            return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(mailboxes * messages);
        });

        least.ShouldBeLessThanOrEqualTo(MostBytes);
    }

    [Fact]
    public async Task A_stream_that_waited_for_its_message_costs_no_more()
    {
        const int Messages = 1_000;
        var seat = await Seat.OpenAsync("waiting", _registry);
        using var sent = new CountingStream();
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(sent));
        var stream = new SseTransport(asEnvelope: false).RunAsync(http, seat.Session);

        var least = Least(MostBytes + Others, () =>
        {
            seat.Prepare(Messages);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            Deliver(seat, Messages, sent);
            return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Messages;
        });

        seat.Session.Signal.Raise(SessionReasons.Abort);
        (await stream).ShouldBe(SessionEventKind.Aborted);
        least.ShouldBeLessThanOrEqualTo(MostBytes + Others);
    }

    /// <summary>
    /// Code that is new to the runtime allocates more than its optimised form, and other threads may, too: what counts is
    /// the least that was seen.
    /// </summary>
    private static double Least(double enough, Func<double> measure)
    {
        var watch = Stopwatch.StartNew();
        var least = double.MaxValue;
        while (least > enough && watch.Elapsed < Patience)
        {
            least = Math.Min(least, measure());
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{least} bytes a message");
        return least;
    }

    /// <summary>One message to each mailbox in turn, found by a session that was busy when its wake came.</summary>
    private static void Deliver(List<Seat> seats, int messages, ArrayBufferWriter<byte> output)
    {
        for (var i = 0; i < messages; i++)
        {
            foreach (var seat in seats)
            {
                seat.Wake();
                output.ResetWrittenCount();
                var found = Next(seat.Session);
                foreach (var message in found.Messages)
                {
                    SseWriter.WriteMessage(output, message, found.Cursor.Receiver, asEnvelope: false);
                }
            }
        }
    }

    private static SessionEvent Next(Session session)
    {
        var next = session.NextAsync(CancellationToken.None);
        if (next.IsCompletedSuccessfully)
        {
            return next.Result;
        }

        throw new InvalidOperationException("The session waits, although its message has come.");
    }

    /// <summary>One message at a time, each once the one before was flushed.</summary>
    private static void Deliver(Seat seat, int messages, CountingStream sent)
    {
        for (var i = 0; i < messages; i++)
        {
            var flushes = sent.Flushes;
            seat.Wake();
            var patience = default(SpinWait);
            while (sent.Flushes == flushes)
            {
                patience.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    /// <summary>A session that has taken everything, and the wakes that are yet to come for it.</summary>
    private sealed class Seat : IWakeSource, IAsyncDisposable
    {
        private readonly Queue<byte[]> _wakes = new();
        private Action<Carried?> _onWake = null!;
        private Identifier _owner;
        private int _last;

        public Session Session { get; private set; } = null!;

        public static async Task<Seat> OpenAsync(string mailbox, SessionRegistry registry)
        {
            var seat = new Seat();
            var store = new FakeMailboxStore(new Journal());
            seat.Session = (await Session.OpenAsync(
                mailbox, new OpenOptions(), store, seat, registry, CancellationToken.None))!;
            (await seat.Session.NextAsync(CancellationToken.None)).Kind.ShouldBe(SessionEventKind.Open);
            seat._owner = store.OpenRequests.ShouldHaveSingleItem().Fence.Owner;
            return seat;
        }

        public void Prepare(int messages)
        {
            for (var i = 0; i < messages; i++)
            {
                _wakes.Enqueue(WakeOf(_owner, ++_last));
            }
        }

        /// <summary>As the channel does it.</summary>
        public void Wake() => _onWake(CarriedDecoder.Decode(_wakes.Dequeue()));

        public ValueTask<IAsyncDisposable> SubscribeAsync(string mailbox, Action<Carried?> onWake, CancellationToken cancellation)
        {
            _onWake = onWake;
            return ValueTask.FromResult<IAsyncDisposable>(this);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static byte[] WakeOf(Identifier owner, int sequence) => Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"\u00021 {owner} {Sample.Generation} {sequence} {Sample.Check(sequence - 1).Value:x16}\n\u0001{{\"nonce\":\"{Sample.Check(sequence)}\",\"time\":1766000000000,\"contentType\":\"text/plain\"}}\n{new string('x', 200)}"));
    }

    private sealed class CountingStream : MemoryStream
    {
        private int _flushes;

        public int Flushes => Volatile.Read(ref _flushes);

        public override void Write(ReadOnlySpan<byte> buffer)
        {
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.CompletedTask;

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _flushes);
            return Task.CompletedTask;
        }
    }
}
