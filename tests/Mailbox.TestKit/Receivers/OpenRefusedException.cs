using System.Net;
using System.Text;
using System.Text.Json;

namespace Mailbox.TestKit;

/// <summary>An open was answered with anything but a stream (200, or 101 for a WebSocket).</summary>
public sealed class OpenRefusedException : Exception
{
    private OpenRefusedException(HttpStatusCode status, IReadOnlyDictionary<string, string> headers, byte[] body)
        : base($"The open was answered {(int)status}: {Encoding.UTF8.GetString(body)}")
    {
        Status = status;
        Headers = headers;
        Body = Encoding.UTF8.GetString(body);
        ProblemType = TypeOf(body);
    }

    public HttpStatusCode Status { get; }

    /// <summary>Without regard to case; several values of one name are joined by commas.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    public string Body { get; }

    /// <summary>The <c>type</c> of the problem details (RFC 9457), if the body is that.</summary>
    public string? ProblemType { get; }

    internal static async Task<OpenRefusedException> ReadAsync(
        HttpResponseMessage response, CancellationToken cancellationToken) =>
        new(
            response.StatusCode,
            HttpOpen.HeadersOf(response),
            await response.Content.ReadAsByteArrayAsync(cancellationToken));

    private static string? TypeOf(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Envelopes.TextOf(document.RootElement, "type")
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
