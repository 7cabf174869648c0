using System.Text;
using System.Text.Json;

namespace Mailbox.TestKit;

/// <summary>One thing that a receiver was given, the same for every transport. Heartbeats are counted, not given.</summary>
public sealed record ReceivedEvent(ReceivedKind Kind)
{
    /// <summary>A control event's name without <c>mailbox.</c>.</summary>
    public string? Control { get; init; }

    /// <summary>A message's id, <c>generation-sequence</c>. Absent on raw SSE, which carries only the cursor.</summary>
    public string? Id { get; init; }

    public string? Cursor { get; init; }

    /// <summary>Whose it is, on a connection of several mailboxes.</summary>
    public string? Mailbox { get; init; }

    /// <summary>The places in all of several mailboxes, where the event has them: what resumes all.</summary>
    public string? Places { get; init; }

    public string? Type { get; init; }

    /// <summary>Absent on raw SSE, and for bare deliveries.</summary>
    public string? ContentType { get; init; }

    /// <summary>A message's body. JSON comes as it stands in the envelope; raw SSE has line ends as <c>\n</c>.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>The envelope, or a control event's payload.</summary>
    public JsonElement? Json { get; init; }

    /// <summary>The body as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    public bool IsControl(string name) => Kind == ReceivedKind.Control && Control == name;

    public override string ToString() => Kind switch
    {
        ReceivedKind.Message => $"message {Id ?? Cursor} '{(Text.Length > 60 ? Text[..60] + "…" : Text)}'",
        ReceivedKind.Control => Json is null ? Control! : $"{Control} {Json.Value.GetRawText()}",
        _ => "end",
    };
}
