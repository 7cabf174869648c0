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

    /// <returns>The answer: an object.</returns>
    /// <exception cref="MailboxException">The server refused.</exception>
    /// <exception cref="JsonException">It was not the server who answered.</exception>
    public static async Task<JsonElement> CallAsync(
        HttpClient http, HttpMethod method, string path, HttpContent? content, CancellationToken cancellation,
        params (string Name, string Value)[] headers)
    {
        using var document = JsonDocument.Parse(await AnswerAsync(http, method, path, content, cancellation, headers));
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document.RootElement.Clone()
            : throw new JsonException("It is no object.");
    }

    /// <summary>A call whose answer has no body.</summary>
    /// <exception cref="MailboxException">The server refused.</exception>
    /// <exception cref="JsonException">It was not the server who answered.</exception>
    public static async Task TellAsync(
        HttpClient http, HttpMethod method, string path, CancellationToken cancellation, HttpContent? content = null)
    {
        if (await AnswerAsync(http, method, path, content, cancellation) is { Length: > 0 })
        {
            throw new JsonException("It has a body.");
        }
    }

    /// <exception cref="JsonException">It has no such array.</exception>
    public static JsonElement.ArrayEnumerator ArrayOf(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array
            ? array.EnumerateArray()
            : throw new JsonException($"It has no '{name}'.");

    /// <exception cref="JsonException">It is no text.</exception>
    public static string TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new JsonException("It has no text where one belongs.");

    public static async Task<IReadOnlyList<DeliverManyResult>> DeliverManyAsync(
        HttpClient http,
        IReadOnlyCollection<string> to,
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
        var results = answer.Deserialize(MailboxJsonContext.Default.DeliverManyResponse)?.Results;
        return results is not null && results.Count == to.Count && results.All(result => result is not null)
            ? results
            : throw new JsonException("It has no result for each mailbox."); // to pass over that would be a 0 with nothing stored
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

    /// <summary>
    /// Whether it is worth coming back after such a refusal: of a fault of the server, too, nobody knows what it stored before,
    /// and of what looks like success and cannot be read, nobody knows who answered.
    /// </summary>
    public static bool WillPass(int status) => status is < 300 or 408 or 429 or 500 or 502 or 503 or 504;

    private static async Task<byte[]> AnswerAsync(
        HttpClient http, HttpMethod method, string path, HttpContent? content, CancellationToken cancellation,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, UriAt(http, path)) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw await ProblemOfAsync(response, cancellation);
        }

        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    private static string? TextOf(JsonDocument problem, string name) =>
        problem.RootElement.ValueKind == JsonValueKind.Object && problem.RootElement.TryGetProperty(name, out var value)
            ? value.ToString()
            : null;
}
