using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>Server-sent events: what <c>EventSource</c> and <c>curl -N</c> read.</summary>
internal sealed class SseTransport(bool asEnvelope) : ITransport<IEventSource>
{
    public const string ContentType = "text/event-stream";

    public async Task<SessionEventKind> RunAsync(HttpContext http, IEventSource source)
    {
        var output = StreamOutput.Begin(http, ContentType, source.Timer);
        SseWriter.WriteRetry(output.Body, RetryDelay.Milliseconds());
        while (true)
        {
            var next = await source.NextAsync(http.RequestAborted);
            switch (next.Kind)
            {
                case SessionEventKind.Messages when next.Seat is { } seat:
                    SeatWriter.WriteEvents(output.Body, next, seat);
                    break;
                case SessionEventKind.Messages:
                    foreach (var message in next.Messages)
                    {
                        SseWriter.WriteMessage(output.Body, message, next.Cursor.Receiver, asEnvelope);
                    }

                    break;
                case SessionEventKind.Heartbeat:
                    SseWriter.WriteHeartbeat(output.Body);
                    break;
                case SessionEventKind.Draining:
                    SseWriter.WriteRetry(output.Body, RetryDelay.Milliseconds());
                    SseWriter.WriteControl(output.Body, next);
                    break;
                case SessionEventKind.Superseded or SessionEventKind.Aborted or SessionEventKind.Deadline:
                    return next.Kind;
                default:
                    SseWriter.WriteControl(output.Body, next);
                    break;
            }

            if (!await output.FlushAsync() || next.EndsSession)
            {
                return next.Kind;
            }
        }
    }

    /// <summary>Answers a passing refusal with 200 and a time to come back, as an EventSource gives up after anything else.</summary>
    public static async Task RefuseAsync(HttpContext http, int status, string reason)
    {
        var output = StreamOutput.Begin(http, ContentType, timer: null);
        SseWriter.WriteRetry(output.Body, RetryDelay.AfterRefusalMilliseconds());
        SseWriter.WriteUnavailable(output.Body, status, reason);
        await output.FlushAsync();
    }
}
