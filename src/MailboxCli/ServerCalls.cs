using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mailbox.Client;
using Mailbox.Contracts;

namespace Mailbox.Cli;

/// <summary>The calls that the client library does not have.</summary>
internal static class ServerCalls
{
    /// <summary>Below the server's address: a path of its own, as behind a proxy, would be lost to one that begins with a slash.</summary>
    public static Uri UriAt(HttpClient http, string path) => new(http.BaseAddress!.GetLeftPart(UriPartial.Path).TrimEnd('/') + path);

    /// <returns>The answer; null when it has no body.</returns>
    /// <exception cref="MailboxException">The server refused.</exception>
    public static async Task<JsonElement?> CallAsync(
        HttpClient http, HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, UriAt(http, path)) { Content = content };
        using var response = await http.SendAsync(request, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw await ProblemOfAsync(response, cancellation);
        }

        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        if (body.Length == 0)
        {
            return null;
        }

        using var document = JsonDocument.Parse(body);
        return document.RootElement.Clone();
    }

    public static async Task<IReadOnlyList<DeliverManyResult>> DeliverManyAsync(
        HttpClient http,
        IEnumerable<string> to,
        byte[] body,
        string contentType,
        IEnumerable<(string Name, string? Value)> options,
        long? ttl,
        CancellationToken cancellation)
    {
        // By hand: the contract's own type always has a `data`, and bytes have none.
        var request = new JsonObject
        {
            ["to"] = new JsonArray([.. to.Select(name => JsonValue.Create(name))]),
            ["dataBase64"] = Convert.ToBase64String(body),
            ["contentType"] = contentType,
        };
        foreach (var (name, value) in options.Where(option => option.Value is not null))
        {
            request[name] = value;
        }

        if (ttl is not null)
        {
            request["ttl"] = ttl;
        }

        using var content = new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json");
        var answer = await CallAsync(http, HttpMethod.Post, MailboxRoutes.DeliverMany, content, cancellation);
        return answer?.Deserialize(MailboxJsonContext.Default.DeliverManyResponse)?.Results ?? [];
    }

    /// <summary>What a refusal says of itself.</summary>
    public static async Task<MailboxException> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        try
        {
            using var problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation));
            var text = string.Join(' ', new[] { TextOf(problem, "title"), TextOf(problem, "detail") }.OfType<string>());
            return new MailboxException(status, TextOf(problem, "type"), text);
        }
        catch (JsonException)
        {
            return new MailboxException(status, null, $"The server answered {status}."); // or something before it did
        }
    }

    /// <summary>Whether it is worth coming back after such a refusal: of a fault of the server, too, nobody knows what it stored before.</summary>
    public static bool WillPass(int status) => status is 408 or 429 or 500 or 502 or 503 or 504;

    private static string? TextOf(JsonDocument problem, string name) =>
        problem.RootElement.ValueKind == JsonValueKind.Object && problem.RootElement.TryGetProperty(name, out var value)
            ? value.ToString()
            : null;
}
