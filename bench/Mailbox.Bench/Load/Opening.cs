namespace Mailbox.Bench.Load;

/// <summary>What a receiver is opened with.</summary>
internal sealed record Opening
{
    public required Transport Transport { get; init; }

    /// <summary>The path and query.</summary>
    public required string Target { get; init; }

    /// <summary>Header lines beside Host, each with its line end.</summary>
    public string Headers { get; init; } = "";

    /// <summary>What the parameter of the target is called that carries a long-poll's cursor; null where headers carry it.</summary>
    public string? CursorParameter { get; init; }

    /// <summary>For a WebSocket: the first frame to send; null for none.</summary>
    public string? Hello { get; init; }

    /// <summary>For a WebSocket: what is in the first frame of a receiver that is open; null when the upgrade says so.</summary>
    public string? Opened { get; init; }

    /// <summary>Whether the receiver keeps its cursor: it costs time, and only who will reconnect needs it.</summary>
    public bool KeepsCursor { get; init; }

    public byte[] Request(string headers = "") => System.Text.Encoding.ASCII.GetBytes(
        $"GET {Target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{Headers}{headers}\r\n");
}
