namespace Mailbox.Cli;

/// <summary>What came over an open mailbox: a message, or when <see cref="Control"/> is there, a control event.</summary>
internal sealed record Incoming
{
    /// <summary>One of <see cref="Contracts.ControlEvents"/>.</summary>
    public string? Control { get; init; }

    /// <summary>Whose it is, when several are open; null for what is about all of them.</summary>
    public string? Mailbox { get; init; }

    /// <summary>Where to go on, when several are open; not every message has it.</summary>
    public string? Places { get; init; }

    public long From { get; init; }

    public long To { get; init; }

    public string? Reason { get; init; }

    public string? Id { get; init; }

    public string? Cursor { get; init; }

    public string? Type { get; init; }

    public DateTimeOffset? Time { get; init; }

    public DateTimeOffset? Expires { get; init; }

    public string? ContentType { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Whether the body is a JSON value.</summary>
    public bool IsJson { get; init; }
}
