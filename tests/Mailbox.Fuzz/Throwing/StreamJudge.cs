using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Mailbox.Fuzz.Throwing;

/// <summary>Holds streams to the letter of the protocol: nothing that a sender wrote stands where only the server writes.</summary>
internal static partial class StreamJudge
{
    private static readonly HashSet<string> Controls =
        ["open", "gap", "reset", "replaced", "draining", "unavailable", "unauthorized", "binary", "heartbeat"];

    public static void CheckEvents(byte[] body)
    {
        foreach (var line in WholeLines(body))
        {
            if (line.Contains('\r', StringComparison.Ordinal) || !Line().IsMatch(line) ||
                (line.StartsWith("event: mailbox.", StringComparison.Ordinal) && !Controls.Contains(line["event: mailbox.".Length..])))
            {
                throw new FindingException($"A line that no event stream of ours has: {line}");
            }
        }
    }

    public static void CheckLines(byte[] body)
    {
        foreach (var line in WholeLines(body))
        {
            CheckEnvelope(line);
        }
    }

    public static void CheckEnvelope(string line)
    {
        try
        {
            using var envelope = JsonDocument.Parse(line);
            var root = envelope.RootElement;
            if (root.TryGetProperty("control", out var control)
                ? Controls.Contains(control.GetString()!)
                : root.TryGetProperty("id", out _) && root.TryGetProperty("cursor", out _) && (root.TryGetProperty("data", out _) ^ root.TryGetProperty("dataBase64", out _)))
            {
                return;
            }
        }
        catch (JsonException)
        {
        }

        throw new FindingException($"No envelope: {line}");
    }

    private static string[] WholeLines(byte[] body)
    {
        var end = body.AsSpan().LastIndexOf((byte)'\n');
        if (end < 0)
        {
            return [];
        }

        return Utf8.IsValid(body.AsSpan(0, end))
            ? Encoding.UTF8.GetString(body, 0, end).Split('\n')
            : throw new FindingException("A stream that is not UTF-8.");
    }

    [GeneratedRegex("^(|:|retry: [0-9]+|id: [A-Za-z0-9_-]{43}|event: [A-Za-z0-9._~-]{1,128}|data: .*)$", RegexOptions.Singleline)]
    private static partial Regex Line();
}
