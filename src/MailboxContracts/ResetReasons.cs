namespace Mailbox.Contracts;

/// <summary>Why ids and cursors of before are void: the <c>reason</c> of a reset.</summary>
public static class ResetReasons
{
    /// <summary>The store no longer has what the receiver's position names. Everything that is kept follows.</summary>
    public const string Lost = "lost";

    /// <summary>
    /// The store restarted or failed over, and may have lost the newest messages that it had accepted, also ones that this
    /// receiver had not seen. It stays where it is: nothing follows again.
    /// </summary>
    public const string Failover = "failover";
}
