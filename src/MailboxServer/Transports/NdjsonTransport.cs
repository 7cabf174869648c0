using System.Buffers;
using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>One JSON envelope a line, for programs that read a stream line by line.</summary>
internal sealed class NdjsonTransport : ITransport
{
    public const string ContentType = "application/x-ndjson";

    public async Task<SessionEventKind> RunAsync(HttpContext http, Session session)
    {
        var output = StreamOutput.Begin(http, ContentType, session.Timer);
        while (true)
        {
            var next = await session.NextAsync(http.RequestAborted);
            switch (next.Kind)
            {
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
                    EnvelopeWriter.WriteControl(output.Body, next);
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
