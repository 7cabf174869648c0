using System.Text.Encodings.Web;
using System.Text.Json;
using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>
/// One answer with what there is, or an empty one when nothing came within <c>wait</c>:
/// <c>{cursor, opened, messages:[envelope…], control:[…]}</c>. The next poll carries the cursor, and acknowledges by it; one that
/// carries <c>opened</c>, the place before all that the answer holds, gets it again as the same receiver.
/// </summary>
/// <remarks>
/// A poll ends in one of four ways: (1) messages, a gap or a reset came; (2) it waited long enough, the node goes away, or the caller's right has ended; (3) the same receiver
/// polls anew, and this one answers with nothing; (4) another receiver took over: 409.
/// </remarks>
internal sealed class LongPollTransport(TimeSpan wait) : ITransport<Session>
{
    public const string ContentType = "application/json";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task<SessionEventKind> RunAsync(HttpContext http, Session session)
    {
        session.Timer.CutOff = http.Abort;
        if (wait == TimeSpan.Zero)
        {
            session.Signal.Raise(SessionReasons.Deadline);
        }
        else
        {
            session.Timer.EndAfter(wait);
        }

        var opened = session.Cursor;
        var controls = new List<SessionEvent>();
        Message[] messages = [];
        SessionEvent next;
        do
        {
            next = await session.NextAsync(http.RequestAborted);
            if (next.Kind == SessionEventKind.Open)
            {
                opened = next.Cursor;
            }
            else if (next.Kind is SessionEventKind.Gap or SessionEventKind.Reset)
            {
                // (1) All that is lost is told at once, as the cursor goes past it; a message behind it comes with the next poll.
                controls.Add(next);
            }
            else if (next.Kind == SessionEventKind.Messages)
            {
                messages = next.Messages; // (1)
            }
            else if (next.Kind is SessionEventKind.Draining or SessionEventKind.Unauthorized)
            {
                controls.Add(next); // (2) another node takes the next poll, or none does
            }
            else if (next.Kind == SessionEventKind.Replaced)
            {
                return next.Kind; // (4) the endpoint answers
            }
            else if (next.Kind == SessionEventKind.Aborted)
            {
                return next.Kind;
            }
        }
        while (messages.Length == 0 && (controls.Count == 0 || session.IsLossNext) && !next.EndsSession); // (2) and (3) end the session

        session.KeepsLease = true;
        await WriteAsync(http, opened, session.Cursor, controls, messages);
        return next.Kind;
    }

    private static async Task WriteAsync(
        HttpContext http, Cursor opened, Cursor cursor, List<SessionEvent> controls, Message[] messages)
    {
        http.Response.ContentType = ContentType;
        await using (var json = new Utf8JsonWriter(http.Response.BodyWriter, Options))
        {
            json.WriteStartObject();
            json.WriteString("cursor"u8, cursor.ToString());
            json.WriteString("opened"u8, opened.ToString());
            json.WriteStartArray("messages"u8);
            foreach (var message in messages)
            {
                EnvelopeWriter.WriteMessage(json, message, cursor.Receiver);
            }

            json.WriteEndArray();
            if (controls.Count > 0)
            {
                json.WriteStartArray("control"u8);
                foreach (var control in controls)
                {
                    EnvelopeWriter.WriteControl(json, control);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}
