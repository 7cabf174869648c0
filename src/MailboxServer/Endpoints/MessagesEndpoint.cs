using System.Text.Encodings.Web;
using System.Text.Json;
using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.Transports;

namespace Mailbox.Endpoints;

/// <summary><c>GET …/messages</c> (peek), <c>GET …/messages/{id}</c>, <c>DELETE …/messages/{id}</c> (take back).</summary>
internal sealed class MessagesEndpoint(IMailboxStore store)
{
    private const int MaxLimit = 1_000;
    private const int DefaultLimit = 100;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads without taking: nothing is sent, acknowledged or moved.</summary>
    public async Task PeekAsync(HttpContext http)
    {
        var mailbox = RequestReader.MailboxOf(http, Scope.Open);
        var limit = RequestReader.NumberOf(http, "limit", 1, MaxLimit, DefaultLimit);
        var after = default(MessageId);
        if (RequestReader.QueryOf(http, "after") is { } text && !MessageId.TryParse(text, out after))
        {
            throw new ProblemException(Problem.InvalidParameter("after", "A message id, generation-sequence."));
        }

        var peeked = await store.PeekAsync(mailbox, PeekRequest.Behind(after, limit), http.RequestAborted);
        if (peeked.Outcome != PeekOutcome.Peeked)
        {
            await (peeked.Outcome == PeekOutcome.NoMailbox ? Problem.MailboxNotFound : Problem.MessageNotFound).WriteAsync(http);
            return;
        }

        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, Options);
        json.WriteStartObject();
        json.WriteStartArray("messages"u8);
        foreach (var entry in peeked.Entries.Where(entry => entry.Kind == EntryKind.Message))
        {
            Write(json, entry.Message!);
        }

        json.WriteEndArray();
        if (peeked.HasMore)
        {
            var last = peeked.Entries[^1].Position;
            json.WriteString("next"u8, new MessageId(last.Generation, last.Sequence).ToString());
        }

        json.WriteEndObject();
    }

    /// <summary>One message's body, as it was delivered.</summary>
    public async Task GetAsync(HttpContext http)
    {
        var mailbox = RequestReader.MailboxOf(http, Scope.Open);
        var id = RequestReader.MessageIdOf(http);
        var peeked = await store.PeekAsync(mailbox, PeekRequest.Of(id), http.RequestAborted);
        if (peeked.Entries is not [{ Kind: EntryKind.Message, Message: { } message }] || message.Id.Sequence != id.Sequence)
        {
            await Problem.MessageNotFound.WriteAsync(http);
            return;
        }

        if (message.ContentType is not null)
        {
            http.Response.ContentType = message.ContentType;
        }

        if (message.Type is not null)
        {
            http.Response.Headers[MailboxHeaders.Type] = message.Type;
        }

        // What a sender says of its content must not make a browser run it here.
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.ContentSecurityPolicy = "sandbox";
        http.Response.ContentLength = message.Body.Length;
        await http.Response.BodyWriter.WriteAsync(message.Body, http.RequestAborted);
    }

    public async Task TakeBackAsync(HttpContext http)
    {
        var mailbox = RequestReader.MailboxOf(http, Scope.Deliver);
        if (await store.TakeBackAsync(mailbox, RequestReader.MessageIdOf(http), http.RequestAborted))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            await Problem.MessageNotFound.WriteAsync(http);
        }
    }

    private static void Write(Utf8JsonWriter json, Message message)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, message.Id.ToString());
        if (message.Type is not null)
        {
            json.WriteString("type"u8, message.Type);
        }

        if (message.Time is { } time)
        {
            EnvelopeWriter.WriteTime(json, "time"u8, time);
        }

        if (message.Expires is { } expires)
        {
            EnvelopeWriter.WriteTime(json, "expires"u8, expires);
        }

        if (message.ContentType is not null)
        {
            json.WriteString("contentType"u8, message.ContentType);
        }

        EnvelopeWriter.WriteBody(json, message);
        json.WriteEndObject();
    }
}
