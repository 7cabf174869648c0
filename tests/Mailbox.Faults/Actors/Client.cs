using System.Net;
using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.Faults.Histories;
using Mailbox.TestKit;
using ReceiverOptions = Mailbox.TestKit.ReceiverOptions;

namespace Mailbox.Faults.Actors;

/// <summary>How a client holds its mailbox.</summary>
internal sealed record ClientOptions
{
    public required string Name { get; init; }

    public required string Mailbox { get; init; }

    public TransportKind Transport { get; init; }

    /// <summary>Set for the .NET client, over this transport; it acknowledges.</summary>
    public MailboxTransport? Sdk { get; init; }

    /// <summary><c>ack=client</c>, and an ack for every few messages.</summary>
    public bool Acks { get; init; }

    public bool IsShared { get; init; }

    /// <summary>Comes back as a new receiver after another took over, instead of staying away.</summary>
    public bool Fights { get; init; }

    /// <summary>Leaves now and then, this long at most.</summary>
    public TimeSpan Absences { get; init; }

    /// <summary>How long it takes over each message.</summary>
    public TimeSpan ReadDelay { get; init; }

    /// <summary>After this long without a sign of life it takes the connection for broken.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    public int Seed { get; init; }
}

/// <summary>
/// One client of one mailbox: opens it on any node, reads, acknowledges, and comes back with its cursor whenever the
/// connection is over, until it is told to stop.
/// </summary>
internal sealed class Client(History history, Ledger ledger, Func<Uri> anyNode, ClientOptions options)
{
    private const int AckEvery = 5;
    private static long _acks;

    private readonly Random _random = new(options.Seed);
    private string? _cursor;
    private Position? _place;
    private int _connections;
    private int _opens;
    private IReceiver? _current;

    public string Mailbox => options.Mailbox;

    /// <summary>This end of the connection that it has or had last.</summary>
    public IPEndPoint? EndPoint { get; private set; }

    /// <summary>The node that it has or had last.</summary>
    public Uri? Node { get; private set; }

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How often it was told that its mailbox is open.</summary>
    public int Opens => Volatile.Read(ref _opens);

    /// <summary>The nemesis pulls the plug: the connection is dropped without a word, with a reset.</summary>
    public async Task DropAsync()
    {
        if (Interlocked.Exchange(ref _current, null) is { } receiver)
        {
            try
            {
                await receiver.DisposeAsync();
            }
            catch (ObjectDisposedException)
            {
                // It was over at the same moment.
            }
        }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            var connection = $"{options.Name}#{Interlocked.Increment(ref _connections)}";
            var reason = await ConnectAsync(connection, stop);
            history.Add(new Ended(connection, reason));
            try
            {
                await Task.Delay(_random.Next(50, 400), stop);
                if (reason == "left")
                {
                    await Task.Delay(options.Absences * _random.NextDouble(), stop);
                }
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    /// <returns>Why it is over.</returns>
    private async Task<string> ConnectAsync(string connection, CancellationToken stop)
    {
        history.Add(new OpenBegan(
            connection,
            options.Name,
            options.Mailbox,
            options.Sdk is { } sdk ? $"Sdk{sdk}" : options.Transport.ToString(),
            options.Acks,
            _place,
            _cursor is not null,
            options.IsShared));
        EndPoint = null;
        Node = anyNode();
        try
        {
            await using var receiver = await OpenAsync(Node, stop);
            Volatile.Write(ref _current, receiver);
            return await ReadAsync(connection, receiver, stop);
        }
        catch (OpenRefusedException refused)
        {
            if (options.Fights && refused.Status is HttpStatusCode.NoContent or HttpStatusCode.Conflict)
            {
                Forget();
            }

            return $"refused {(int)refused.Status}";
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return "stopped";
        }
        catch (Exception exception) when (exception is not FormatException)
        {
            return $"broken {exception.GetType().Name}";
        }
        finally
        {
            Volatile.Write(ref _current, null);
        }
    }

    private async Task<IReceiver> OpenAsync(Uri node, CancellationToken stop) => options.Sdk is { } sdk
        ? new SdkReceiver(AllNodes(), options.Mailbox, sdk, _cursor, options.Patience)
        : await Receivers.OpenAsync(
            options.Transport,
            node,
            options.Mailbox,
            new ReceiverOptions
            {
                After = _cursor,
                Ack = options.Acks ? "client" : null,
                Mode = options.IsShared ? "shared" : null,
                Format = options.Transport == TransportKind.Sse ? "envelope" : null,
                KeepAlive = TimeSpan.FromSeconds(1),
                Deadline = options.Patience,
                Connected = own => EndPoint ??= own,
            },
            stop);

    /// <summary>They come in turn, though others ask too.</summary>
    private IEnumerable<Uri> AllNodes() => Enumerable.Range(0, 12).Select(_ => anyNode()).Distinct();

    private async Task<string> ReadAsync(string connection, IReceiver receiver, CancellationToken stop)
    {
        var (heartbeats, sign, unacknowledged) = (0, Environment.TickCount64, 0);
        var leaves = options.Absences == default ? long.MaxValue : sign + _random.Next(300, 3000);
        while (true)
        {
            stop.ThrowIfCancellationRequested(); // where the next is always there already, no wait would notice
            ReceivedEvent next;
            var asked = Environment.TickCount64;
            try
            {
                if (asked > leaves)
                {
                    return "left";
                }

                next = await receiver.NextAsync(TimeSpan.FromSeconds(1), stop);
            }
            catch (TimeoutException)
            {
                var now = Environment.TickCount64;
                if (receiver.HeartbeatCount != heartbeats || options.Transport == TransportKind.WebSocket ||
                    (options.Transport == TransportKind.LongPoll && now - asked < 3000))
                {
                    (heartbeats, sign) = (receiver.HeartbeatCount, now);
                }

                if (now - sign > options.Patience.TotalMilliseconds)
                {
                    return "silent";
                }

                unacknowledged = await AckAsync(connection, receiver, unacknowledged, 1);
                continue;
            }

            sign = Environment.TickCount64;
            if (next.IsControl(ControlEvents.Replaced))
            {
                // Once more, although it has been told: it must not count. By now its successor knows, too.
                await Task.Delay(200, stop);
                await AckAsync(connection, receiver, AckEvery, AckEvery);
                Forget(); // the cursor that came with it opens nothing any more
                return "replaced";
            }

            switch (next.Kind)
            {
                case ReceivedKind.End:
                    return receiver is LongPollReceiver { Refusal: { } refusal } ? RefusedAs(refusal) : "closed";
                case ReceivedKind.Control:
                    if (Told(connection, next) is { } reason)
                    {
                        return reason;
                    }

                    break;
                default:
                    Take(connection, next);
                    unacknowledged = await AckAsync(connection, receiver, unacknowledged + 1, AckEvery);
                    if (options.ReadDelay > TimeSpan.Zero)
                    {
                        await Task.Delay(options.ReadDelay, stop);
                    }

                    break;
            }
        }
    }

    private string RefusedAs(OpenRefusedException refused)
    {
        if (options.Fights)
        {
            Forget();
        }

        return $"refused {(int)refused.Status}";
    }

    private void Take(string connection, ReceivedEvent message)
    {
        var id = Position.Parse(message.Id!);
        var payload = Payloads.Of(message.Text);
        (_cursor, _place) = (message.Cursor, id);
        history.Add(new Received(connection, options.Mailbox, id, payload));
        if (!options.IsShared)
        {
            ledger.WasReceived(options.Mailbox, payload);
        }
    }

    /// <returns>Why the connection is over, if this says so.</returns>
    private string? Told(string connection, ReceivedEvent control)
    {
        if (control.Cursor is not null && control.Cursor != _cursor)
        {
            (_cursor, _place) = (control.Cursor, null);
        }

        switch (control.Control)
        {
            case ControlEvents.Open:
                history.Add(new Opened(connection));
                Interlocked.Increment(ref _opens);
                return null;
            case ControlEvents.Gap:
                var gap = control.Json!.Value;
                history.Add(new GapTold(
                    connection, gap.GetProperty("from").GetInt64(), gap.GetProperty("to").GetInt64(), gap.GetProperty("reason").GetString()!));
                return null;
            case ControlEvents.Reset:
                history.Add(new ResetTold(connection, control.Json!.Value.GetProperty("reason").GetString()!));
                return null;
            default:
                return control.Control;
        }
    }

    private void Forget() => (_cursor, _place) = (null, null);

    private async Task<int> AckAsync(string connection, IReceiver receiver, int unacknowledged, int least)
    {
        if (!options.Acks || options.Transport == TransportKind.LongPoll || unacknowledged < least || _place is null)
        {
            return unacknowledged;
        }

        var op = Interlocked.Increment(ref _acks);
        history.Add(new AckBegan(op, connection, options.Name, options.Mailbox, _place));
        var outcome = AckEnd.Unknown;
        try
        {
            await receiver.AckAsync(_cursor!);
            outcome = receiver is WebSocketReceiver ? AckEnd.Unknown : AckEnd.Acked;
        }
        catch (HttpRequestException refused) when (refused.StatusCode is HttpStatusCode.Conflict)
        {
            outcome = AckEnd.Refused;
        }
        catch (Exception exception) when (exception is not FormatException)
        {
            // Nobody knows; the next ack says it again.
        }

        history.Add(new AckEnded(op, outcome));
        return 0;
    }
}
