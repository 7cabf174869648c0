using System.Net;
using System.Text.Json;
using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.Faults.Actors;

/// <summary>
/// The .NET client as a receiver: it comes back by itself, to any node, so that one connection of the history is one loop. Its
/// messages are acknowledged by hand, so that at every reconnect some are in flight.
/// </summary>
internal sealed class SdkReceiver : IReceiver
{
    private readonly MailboxClient _client;
    private readonly MailboxReceiver _receiver;
    private readonly IAsyncEnumerator<MailboxEvent> _loop;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<MailboxMessage> _taken = [];
    private readonly Lock _lock = new();
    private Task? _ending;
    private Task<bool> _next;
    private bool _isOpen;

    public SdkReceiver(IEnumerable<Uri> nodes, string mailbox, MailboxTransport transport, string? after, TimeSpan patience)
    {
        var options = new MailboxClientOptions
        {
            IdleTimeout = patience,
            AttemptTimeout = patience,
            RetryDelay = TimeSpan.FromMilliseconds(100),
            MaxRetryDelay = TimeSpan.FromSeconds(1),
        };
        foreach (var node in nodes)
        {
            options.BaseAddresses.Add(node);
        }

        _client = new MailboxClient(options);
        _receiver = _client.ReceiveAsync(mailbox, new() { Transport = transport, Ack = AckMode.Manual, After = after });
        _receiver.StateChanged += state =>
        {
            if (state == ReceiverState.Connected)
            {
                _connected.TrySetResult();
            }
        };
        _loop = _receiver.Events.GetAsyncEnumerator(_closing.Token);
        _next = _loop.MoveNextAsync().AsTask();
    }

    public string? LastCursor { get; private set; }

    /// <summary>Whether it is alive is its own business: it never looks silent.</summary>
    public int HeartbeatCount { get; private set; }

    public async Task<ReceivedEvent> NextAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        HeartbeatCount++;
        if (!_isOpen)
        {
            await (await Task.WhenAny(_connected.Task, _next).WaitAsync(timeout, cancellationToken) == _next
                ? Task.CompletedTask
                : _connected.Task);
            if (_connected.Task.IsCompleted)
            {
                _isOpen = true;
                return new ReceivedEvent(ReceivedKind.Control) { Control = ControlEvents.Open };
            }
        }

        try
        {
            if (!await _next.WaitAsync(timeout, cancellationToken))
            {
                return new ReceivedEvent(ReceivedKind.End);
            }
        }
        catch (MailboxReplacedException)
        {
            return new ReceivedEvent(ReceivedKind.Control) { Control = ControlEvents.Replaced };
        }

        MailboxEvent next;
        lock (_lock)
        {
            if (_ending is not null)
            {
                return new ReceivedEvent(ReceivedKind.End); // not acknowledged, so it comes again
            }

            next = _loop.Current;
            _next = _loop.MoveNextAsync().AsTask();
        }

        switch (next)
        {
            case MailboxMessage message:
                _taken.Add(message);
                LastCursor = message.Cursor;
                return new ReceivedEvent(ReceivedKind.Message) { Id = message.Id, Cursor = message.Cursor, Body = message.Body.ToArray() };
            case MailboxGap gap:
                return ControlOf(ControlEvents.Gap, $$"""{"from":{{gap.From}},"to":{{gap.To}},"reason":"{{gap.Reason}}"}""");
            default:
                return ControlOf(ControlEvents.Reset, $$"""{"reason":"{{((MailboxReset)next).Reason}}"}""");
        }
    }

    public async Task<bool> EndsAsync(TimeSpan timeout) => await Task.WhenAny(_next, Task.Delay(timeout)) == _next;

    /// <summary>All that was given: that is what the cursor stands for. In another order, and so that the server has answered.</summary>
    public async Task AckAsync(string cursor, CancellationToken cancellationToken = default)
    {
        Random.Shared.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_taken));
        foreach (var message in _taken)
        {
            await message.AckAsync(cancellationToken);
        }

        _taken.Clear();
        try
        {
            await _receiver.FlushAsync(cancellationToken);
        }
        catch (MailboxException refused) when (refused.Status == 409)
        {
            throw new HttpRequestException(refused.Message, refused, HttpStatusCode.Conflict);
        }
    }

    /// <summary>
    /// The nemesis calls this while the client still reads, and the client once more. A loop that is ended while it is moved on,
    /// or by two, never answers one of them.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            return new ValueTask(_ending ??= EndAsync());
        }
    }

    private async Task EndAsync()
    {
        await _closing.CancelAsync();
        try
        {
            await _next;
        }
        catch (Exception exception) when (exception is OperationCanceledException or MailboxException)
        {
            // Whatever it waited for.
        }

        await _loop.DisposeAsync();
        await _receiver.DisposeAsync();
        _client.Dispose();
        _closing.Dispose();
    }

    private static ReceivedEvent ControlOf(string control, string json)
    {
        using var document = JsonDocument.Parse(json);
        return new ReceivedEvent(ReceivedKind.Control) { Control = control, Json = document.RootElement.Clone() };
    }
}
