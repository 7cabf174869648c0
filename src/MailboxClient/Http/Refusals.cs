using System.Net;
using System.Text.Json;

namespace Mailbox.Client.Http;

/// <summary>Reads a refusal as the exception that says it.</summary>
internal static class Refusals
{
    /// <summary>A problem's details are a few hundred bytes; a proxy's page may be anything.</summary>
    private const int MaxBytes = 64 * 1024;

    public static async Task<MailboxException> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        string? type = null, title = null, detail = null;
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxBytes, cancellation).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            using var problem = JsonDocument.Parse(body);
            (type, title, detail) = (TextOf(problem, "type"), TextOf(problem, "title"), TextOf(problem, "detail"));
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException or OperationCanceledException)
        {
            // Something before the server answered; or the body did not come in time, and the status says enough.
        }

        return Of(status, type, title, detail, RetryAfterOf(response));
    }

    public static MailboxException Of(int status, string? type, string? title, string? detail, TimeSpan? retryAfter = null)
    {
        var message = title is null && detail is null
            ? $"The server answered {status} {(HttpStatusCode)status}."
            : string.Join(' ', new[] { title, detail }.OfType<string>());
        return status is 401 or 403
            ? new MailboxAccessException(status, type, message) { Title = title, Detail = detail }
            : new MailboxException(status, type, message) { Title = title, Detail = detail, RetryAfter = retryAfter };
    }

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter?.Delta;

    private static string? TextOf(JsonDocument problem, string name) =>
        problem.RootElement.ValueKind == JsonValueKind.Object &&
        problem.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
