namespace Mailbox.Client;

/// <summary>What a ticket is to admit.</summary>
public sealed record TicketOptions
{
    /// <summary>To watch only: the holder never acknowledges, and takes the mailbox from nobody.</summary>
    public bool IsShared { get; init; }

    /// <summary>
    /// How long the stream that it admits may last, in whole seconds. Default: an hour, or what the server allows if that is less;
    /// never beyond the end of this client's own token.
    /// </summary>
    public TimeSpan? Lifetime { get; init; }
}
