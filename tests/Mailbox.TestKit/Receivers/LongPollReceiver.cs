using System.Net;
using System.Text.Json;
using Mailbox.Contracts;

namespace Mailbox.TestKit;

/// <summary>
/// Polls. The open is a poll that does not wait; then one poll for each <see cref="NextAsync"/> that finds nothing
/// buffered, which acknowledges what was given before.
/// </summary>
/// <remarks>The answers have no <c>open</c>; one is made from the first, so that every transport begins alike.</remarks>
public sealed class LongPollReceiver : IReceiver
{
    /// <summary>How long an answer may be late after its wait.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(15);

    private const int LongestWait = 60;

    private readonly HttpOpen _open;
    private readonly Queue<ReceivedEvent> _buffer = new();
    private readonly Seen _seen = new();
    private string? _next;
    private bool _hasEnded;

    private LongPollReceiver(HttpOpen open)
    {
        _open = open;
        _next = open.Options.After;
    }

    public string? LastCursor { get; private set; }

    public int HeartbeatCount => 0;

    /// <summary>Polls so far, with the open.</summary>
    public int PollCount { get; private set; }

    /// <summary>Why the last poll was refused for good (204, 4xx), if it was: that is a long-poll's end.</summary>
    public OpenRefusedException? Refusal { get; private set; }

    /// <summary>
    /// As the interface says; the poll waits for <paramref name="timeout"/> in whole seconds, rounded up. A passing refusal
    /// (429, 503) is thrown, and the next call polls again.
    /// </summary>
    /// <exception cref="OpenRefusedException">A passing refusal.</exception>
    public async Task<ReceivedEvent> NextAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        if (_buffer.Count == 0 && !_hasEnded)
        {
            await PollAsync((int)Math.Clamp(Math.Ceiling(timeout.TotalSeconds), 0, LongestWait), false, cancellationToken);
        }

        if (_buffer.TryDequeue(out var next))
        {
            LastCursor = next.Cursor ?? LastCursor;
            _seen.Add(next);
            return next;
        }

        return _hasEnded
            ? new ReceivedEvent(ReceivedKind.End)
            : throw new TimeoutException($"The poll with {timeout} came back empty. {_seen}");
    }

    /// <summary>Whether polls are refused for good, or a control event said so, within this time.</summary>
    public async Task<bool> EndsAsync(TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            while (!_hasEnded)
            {
                await PollAsync(0, false, deadline.Token);
                await Task.Delay(50, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
        }

        return _hasEnded;
    }

    public Task AckAsync(string cursor, CancellationToken cancellationToken = default) =>
        _open.AckAsync(cursor, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _open.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static async Task<LongPollReceiver> OpenAsync(HttpOpen open, CancellationToken cancellationToken)
    {
        var receiver = new LongPollReceiver(open);
        await receiver.PollAsync(wait: 0, isOpen: true, cancellationToken);
        return receiver;
    }

    private async Task PollAsync(int wait, bool isOpen, CancellationToken cancellationToken)
    {
        PollCount++;
        try
        {
            using var response = await _open.GetAsync(
                _open.AddressOf(Uri.UriSchemeHttp, _next, wait),
                "application/json",
                TimeSpan.FromSeconds(wait) + Slack,
                presentsLastEventId: isOpen,
                cancellationToken);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(Slack);
            using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(deadline.Token));
            Take(body.RootElement.Clone(), isOpen);
        }
        catch (OpenRefusedException refused) when (!isOpen && (int)refused.Status < 500 &&
            refused.Status != HttpStatusCode.TooManyRequests)
        {
            Refusal = refused;
            _hasEnded = true;
        }
    }

    private void Take(JsonElement answer, bool isOpen)
    {
        _next = Envelopes.TextOf(answer, "cursor") ?? throw new FormatException($"A poll without a cursor: {answer}");
        var messages = answer.GetProperty("messages").EnumerateArray().Select(Envelopes.Parse).ToList();
        var controls = answer.TryGetProperty("control", out var list)
            ? list.EnumerateArray().Select(Envelopes.Parse).ToList()
            : [];
        if (isOpen && !controls.Exists(control => control.IsControl(ControlEvents.Open)))
        {
            // With something behind it, the answer's cursor is not yet this receiver's place.
            var isAll = messages.Count == 0 && controls.Count == 0;
            _buffer.Enqueue(Envelopes.ControlOf(ControlEvents.Open, null, isAll ? _next : null));
        }

        // What ends a stream comes after its messages; everything else is told before them.
        foreach (var next in controls.Where(c => !EndsStream(c)).Concat(messages).Concat(controls.Where(EndsStream)))
        {
            _buffer.Enqueue(next);
        }

        _hasEnded = controls.Exists(control => control.IsControl(ControlEvents.Replaced));
    }

    private static bool EndsStream(ReceivedEvent control) =>
        control.Control is ControlEvents.Replaced or ControlEvents.Draining or ControlEvents.Unauthorized;
}
