using System.Text.Json;

namespace Mailbox.IntegrationTests;

/// <summary>An HTTP answer, read to its end.</summary>
internal sealed record Answer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The <c>type</c> of the problem details, after its prefix; null when this is no problem.</summary>
    public string? Problem =>
        Headers.GetValueOrDefault("Content-Type") == "application/problem+json" &&
        Json.GetProperty("status").GetInt32() == Status
            ? Json.GetProperty("type").GetString()![Contracts.ProblemTypes.Prefix.Length..]
            : null;

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public static async Task<Answer> ReadAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
        await response.Content.ReadAsByteArrayAsync());
}
