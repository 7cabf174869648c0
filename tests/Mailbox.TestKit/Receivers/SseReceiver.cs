using System.Text;
using System.Text.Json;
using Mailbox.Contracts;

namespace Mailbox.TestKit;

/// <summary>Reads server-sent events as an EventSource does, without reconnecting.</summary>
public sealed class SseReceiver : StreamReceiver
{
    private readonly HttpResponseMessage _response;
    private readonly SseParser _parser = new();

    private SseReceiver(HttpOpen open, HttpResponseMessage response)
        : base(open)
    {
        _response = response;
        Headers = HttpOpen.HeadersOf(response);
    }

    public int Status => (int)_response.StatusCode;

    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The last <c>retry:</c>.</summary>
    public int? RetryMilliseconds => _parser.RetryMilliseconds;

    /// <summary>Heartbeats are comments; so these are the same number.</summary>
    public int CommentCount => HeartbeatCount;

    /// <summary>The id that an EventSource would present now: of the last event that came, whether the test took it or not.</summary>
    public string LastEventId => _parser.LastEventId;

    internal static async Task<SseReceiver> OpenAsync(HttpOpen open, CancellationToken cancellationToken)
    {
        var response = await open.GetAsync(
            open.AddressOf(Uri.UriSchemeHttp, open.Options.After),
            "text/event-stream",
            open.Options.Deadline,
            presentsLastEventId: true,
            cancellationToken);
        var receiver = new SseReceiver(open, response);
        receiver.Start();
        return receiver;
    }

    private protected override async Task ReadAsync(CancellationToken cancellationToken)
    {
        var stream = await _response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[8 * 1024];
        int length;
        while ((length = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var comments = _parser.CommentCount;
            var events = _parser.Feed(buffer.AsSpan(0, length));
            for (; comments < _parser.CommentCount; comments++)
            {
                CountHeartbeat();
            }

            foreach (var sse in events)
            {
                await GiveAsync(EventOf(sse), cancellationToken);
            }
        }
    }

    private protected override void Drop() => _response.Dispose();

    private ReceivedEvent EventOf(SseEvent sse)
    {
        var cursor = sse.LastEventId.Length == 0 ? null : sse.LastEventId;
        if (Open.Options.IsMany && !sse.Type.StartsWith(ControlEvents.Prefix, StringComparison.Ordinal))
        {
            return Envelopes.Parse(Encoding.UTF8.GetBytes(sse.Data)) with { Places = cursor };
        }

        if (sse.Type == ControlEvents.Binary || (sse.Type.Length == 0 && Open.Options.Format == "envelope"))
        {
            var received = Envelopes.Parse(Encoding.UTF8.GetBytes(sse.Data));
            return received.Cursor == cursor
                ? received
                : throw new FormatException($"The id '{cursor}' is not the envelope's cursor: {sse.Data}");
        }

        if (sse.Type.StartsWith(ControlEvents.Prefix, StringComparison.Ordinal))
        {
            using var payload = JsonDocument.Parse(sse.Data);
            var root = payload.RootElement.Clone();
            var name = sse.Type[ControlEvents.Prefix.Length..];
            return Open.Options.IsMany
                ? Envelopes.ControlOf(name, root, Envelopes.TextOf(root, "cursor")) with { Places = cursor }
                : Envelopes.ControlOf(name, root, cursor);
        }

        return new ReceivedEvent(ReceivedKind.Message)
        {
            Cursor = cursor,
            Type = sse.Type.Length == 0 ? null : sse.Type,
            Body = Encoding.UTF8.GetBytes(sse.Data),
        };
    }
}
