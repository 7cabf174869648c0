using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.Fuzz.Throwing;

/// <summary>What an answer may be, whatever was asked.</summary>
internal static class Judge
{
    private static readonly HashSet<string> Types =
    [
        .. typeof(ProblemTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!),
    ];

    /// <summary>The web server's own refusals, before our code sees a request. They have no body.</summary>
    private static readonly HashSet<int> Bare = [400, 405, 408, 411, 413, 414, 431, 505];

    public static void Check(RawResponse response)
    {
        if (response.Headers.Any(header => header.Value.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0))
        {
            throw new FindingException($"A control character in a header of the answer: {response.StatusLine}");
        }

        var contentType = response.Header("Content-Type") ?? "";
        if (response.Status >= 400)
        {
            CheckRefusal(response, contentType);
        }
        else if (response.Header("Content-Security-Policy") is not null)
        {
            return; // a message's body, as its sender wrote it
        }
        else if (contentType.StartsWith("application/json", StringComparison.Ordinal))
        {
            CheckJson(response.Body, response);
        }
        else if (contentType == "text/event-stream")
        {
            StreamJudge.CheckEvents(response.Body);
        }
        else if (contentType == "application/x-ndjson")
        {
            StreamJudge.CheckLines(response.Body);
        }
    }

    private static void CheckRefusal(RawResponse response, string contentType)
    {
        if (response.Status >= 500 && response.Status is not (503 or 505 or 507))
        {
            throw new FindingException($"{response.StatusLine}: {response.Text}");
        }

        // HEAD has no body either; our code says no-store with everything.
        if (contentType.Length == 0 && response.Body.Length == 0 && Bare.Contains(response.Status) && response.Header("Cache-Control") is null)
        {
            return;
        }

        if (contentType != "application/problem+json")
        {
            throw new FindingException($"A refusal that is no problem: {response.StatusLine} '{contentType}' {response.Text}");
        }

        if (response.Body.Length == 0)
        {
            return; // the answer to a HEAD, or one that our end cut off
        }

        var problem = CheckJson(response.Body, response);
        if (problem is { } json && (json.GetProperty("status").GetInt32() != response.Status || !Types.Contains(json.GetProperty("type").GetString()!)))
        {
            throw new FindingException($"A problem that nobody knows: {response.StatusLine} {response.Text}");
        }
    }

    private static JsonElement? CheckJson(byte[] body, RawResponse response)
    {
        if (body.Length == 0)
        {
            return null;
        }

        try
        {
            return Utf8.IsValid(body) ? JsonElement.Parse(body) : throw new FindingException($"JSON that is not UTF-8: {response.StatusLine}");
        }
        catch (JsonException)
        {
            throw new FindingException($"No JSON: {response.StatusLine} {Encoding.UTF8.GetString(body)}");
        }
    }
}
