namespace Mailbox.Contracts;

/// <summary>Why messages will not arrive: the <c>reason</c> of a gap.</summary>
public static class GapReasons
{
    /// <summary>They were acknowledged before.</summary>
    public const string Acknowledged = "acknowledged";

    /// <summary>A limit of the mailbox dropped them.</summary>
    public const string Dropped = "dropped";

    /// <summary>They were written to a receiver that does not acknowledge, and the resume window went past them.</summary>
    public const string Window = "window";

    /// <summary>What stands in the list is not a message: a malformed envelope, or far over the size limit.</summary>
    public const string Malformed = "malformed";
}
