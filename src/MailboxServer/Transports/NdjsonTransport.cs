using System.Buffers;
using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>One JSON envelope a line, for programs that read a stream line by line.</summary>
internal sealed class NdjsonTransport : ITransport<IEventSource>
{
    public const string ContentType = "application/x-ndjson";

    public async Task<SessionEventKind> RunAsync(HttpContext http, IEventSource source)
    {
        var output = StreamOutput.Begin(http, ContentType, source.Timer);
        while (true)
        {
            var next = await source.NextAsync(http.RequestAborted);
            switch (next.Kind)
            {
                case SessionEventKind.Messages when next.Seat is { } seat:
                    SeatWriter.WriteLines(output.Body, next, seat);
                    break;
                case SessionEventKind.Messages:
                    foreach (var message in next.Messages)
                    {
                        EnvelopeWriter.WriteMessage(output.Body, message, next.Cursor.Receiver);
                        output.Body.Write("\n"u8);
                    }

                    break;
                case SessionEventKind.Superseded or SessionEventKind.Aborted or SessionEventKind.Deadline:
                    return next.Kind;
                default:
                    EnvelopeWriter.WriteControl(output.Body, next, withPlaces: true);
                    output.Body.Write("\n"u8);
                    break;
            }

            if (!await output.FlushAsync() || next.EndsSession)
            {
                return next.Kind;
            }
        }
    }
}
