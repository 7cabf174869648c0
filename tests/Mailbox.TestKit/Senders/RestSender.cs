using System.Text.Json;
using Mailbox.Contracts;

namespace Mailbox.TestKit;

/// <summary>Delivers by POST, over HTTP/1.1.</summary>
internal sealed class RestSender(Uri node) : Sender(TransportDoor.Rest)
{
    private readonly HttpClient _http =
        new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = node,
            Timeout = TimeSpan.FromSeconds(15),
        };

    public override async Task<SendResult> SendAsync(
        string mailbox, byte[] body, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, MailboxRoutes.ForMessages(mailbox))
        {
            Content = new ByteArrayContent(body),
        };
        foreach (var (header, _, value) in options?.Given() ?? [])
        {
            var headers = header == "Content-Type" ? (System.Net.Http.Headers.HttpHeaders)request.Content.Headers : request.Headers;
            headers.TryAddWithoutValidation(header, value);
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        var answer = Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        return new SendResult
        {
            Status = (int)response.StatusCode,
            Id = answer is { ValueKind: JsonValueKind.Object } result ? Envelopes.TextOf(result, "id") : null,
            Body = answer,
            Headers = HttpOpen.HeadersOf(response),
        };
    }

    public override ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static JsonElement? Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null; // an answer of Kestrel's own has no body
        }
    }
}
