using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Mailbox.Endpoints;

/// <summary>Reads and checks the parts of a request. Every refusal is a <see cref="ProblemException"/> that says what is expected.</summary>
internal static class RequestReader
{
    /// <summary>The mailbox that the path names, if the caller may do this there. It is asked before the store is.</summary>
    public static string MailboxOf(HttpContext http, Scope scope)
    {
        var name = (string?)http.Request.RouteValues["mailbox"] ?? "";
        Demand(http, name, scope);
        return name;
    }

    public static void Demand(HttpContext http, string mailbox, Scope scope)
    {
        if (RefusalOf(Caller.Of(http), mailbox, scope) is { } problem)
        {
            throw new ProblemException(problem);
        }
    }

    /// <summary>Null when the caller may do this in the mailbox, and a mailbox may be called so. How the nodes are concerns whoever administers them all.</summary>
    public static Problem? RefusalOf(Caller caller, string mailbox, Scope scope) =>
        !MailboxName.IsValid(mailbox) ? Problem.InvalidName
        : MailboxName.IsSystem(mailbox) && (!SystemMailboxes.Contains(mailbox) || scope == Scope.Deliver) ? Problem.SystemName
        : caller.Rights.May(scope, mailbox) || (mailbox == NodeFigures.Destination && caller.Rights.MayList("")) ? null
        : Problem.NotAllowed;

    /// <summary>The group that the path names, if the caller may do this to it.</summary>
    public static string GroupOf(HttpContext http, Scope scope)
    {
        var name = NameOfGroup(http);
        return Caller.Of(http).Rights.MayGroup(scope, name) ? name : throw new ProblemException(Problem.NotAllowed);
    }

    /// <summary>The group that the path names, whoever asks.</summary>
    public static string NameOfGroup(HttpContext http)
    {
        var name = (string?)http.Request.RouteValues["group"] ?? "";
        return !MailboxName.IsValid(name) ? throw new ProblemException(Problem.InvalidName)
            : MailboxName.IsSystem(name) ? throw new ProblemException(Problem.SystemName)
            : name;
    }

    /// <summary>For what is about the whole server: the caller administers every mailbox.</summary>
    public static void DemandAll(HttpContext http, string prefix = "")
    {
        if (!Caller.Of(http).Rights.MayList(prefix))
        {
            throw new ProblemException(Problem.NotAllowed);
        }
    }

    public static MessageId MessageIdOf(HttpContext http) =>
        MessageId.TryParse((string?)http.Request.RouteValues["id"], out var id)
            ? id
            : throw new ProblemException(Problem.InvalidParameter("id", "A message id is generation-sequence, as a delivery answers it."));

    /// <summary>The one value of a header, or null when it is not there.</summary>
    public static string? HeaderOf(HttpContext http, string name) => HeaderOf(http.Request.Headers, name);

    /// <inheritdoc cref="HeaderOf(HttpContext, string)"/>
    public static string? HeaderOf(IHeaderDictionary headers, string name)
    {
        StringValues values = headers[name];
        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => throw new ProblemException(Problem.InvalidHeader(name, "It comes at most once.")),
        };
    }

    /// <summary>The one value of a query parameter, or null when it is not there.</summary>
    public static string? QueryOf(HttpContext http, string name)
    {
        StringValues values = http.Request.Query[name];
        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => throw new ProblemException(Problem.InvalidParameter(name, "It comes at most once.")),
        };
    }

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static int NumberOf(HttpContext http, string name, int least, int most, int otherwise)
    {
        if (QueryOf(http, name) is not { } text)
        {
            return otherwise;
        }

        return TryParseWholeNumber(text, out var number) && number >= least && number <= most
            ? (int)number
            : throw new ProblemException(Problem.InvalidParameter(name, $"A whole number from {least} to {most}."));
    }

    /// <summary>Digits and nothing else: a number parser would also take NUL characters at the end.</summary>
    public static bool TryParseWholeNumber(string text, out long number)
    {
        number = 0;
        return !text.AsSpan().ContainsAnyExceptInRange('0', '9') &&
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The body without its encoding, at most <paramref name="limit"/> bytes on the wire and after it.</summary>
    public static async Task<byte[]> BodyOfAsync(HttpContext http, long limit)
    {
        var encoding = EncodedBody.EncodingOf(http.Request.Headers.ContentEncoding);
        if (http.Request.ContentLength > limit)
        {
            throw new ProblemException(Problem.TooLarge(limit));
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // The server counts what frames the chunks too: a chunk of one byte has five more. The limit is held below.
            size.MaxRequestBodySize = (limit + 1) * 6;
        }

        var body = await ReadBodyAsync(http, limit);
        return encoding == BodyEncoding.Identity ? body : EncodedBody.Decode(body, encoding, limit);
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext http, long limit)
    {
        var reader = http.Request.BodyReader;
        SlowBody? slow = null;
        try
        {
            while (true)
            {
                var read = await ReadAsync(reader, slow?.Until ?? http.RequestAborted);
                if (read.Buffer.Length > limit)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    throw new ProblemException(Problem.TooLarge(limit));
                }

                if (read.IsCompleted)
                {
                    var body = read.Buffer.ToArray();
                    reader.AdvanceTo(read.Buffer.End);
                    return body;
                }

                var (length, start, end) = (read.Buffer.Length, read.Buffer.Start, read.Buffer.End);
                reader.AdvanceTo(start, end);
                slow ??= new SlowBody(http.RequestServices.GetRequiredService<BodyBudget>(), http.RequestAborted);
                slow.Holds(length);
            }
        }
        catch (OperationCanceledException) when (slow is { Until.IsCancellationRequested: true } && !http.RequestAborted.IsCancellationRequested)
        {
            http.Response.Headers.Connection = "close"; // what is still to come is not waited for
            throw new ProblemException(Problem.BodyTooSlow);
        }
        finally
        {
            slow?.Dispose();
        }
    }

    /// <summary>A body is the client's: whatever way the server tells that one breaks off or is not framed, it is a bad request.</summary>
    /// <exception cref="BadHttpRequestException">The body breaks off, or its framing is broken.</exception>
    /// <exception cref="ConnectionResetException">The client is gone.</exception>
    private static async ValueTask<ReadResult> ReadAsync(PipeReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadAsync(cancellation);
        }
        catch (IOException exception) when (exception is not (BadHttpRequestException or ConnectionResetException))
        {
            throw new BadHttpRequestException("The body breaks off, or its framing is broken.", exception);
        }
    }

    /// <exception cref="JsonException">Not what the type takes.</exception>
    public static T JsonOf<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
    {
        if (!Utf8.IsValid(body))
        {
            // The reader looks only at the strings that it decodes: what it passes over would fail later, or be stored.
            throw new ProblemException(Problem.InvalidBody("JSON is UTF-8 (RFC 8259 section 8.1)."));
        }

        return JsonSerializer.Deserialize(body, type) ?? throw new ProblemException(Problem.InvalidBody("A JSON object is expected, not null."));
    }

    public static string MediaTypeOf(HttpContext http)
    {
        var type = http.Request.ContentType ?? "";
        var end = type.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? type : type[..end]).Trim().ToLowerInvariant();
    }
}
