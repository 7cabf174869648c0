namespace Mailbox.Contracts;

/// <summary>The states of a delivery to a group.</summary>
public static class GroupDeliveryStates
{
    /// <summary>Stored, behind others.</summary>
    public const string Waiting = "waiting";

    /// <summary>Some members may have it.</summary>
    public const string UnderWay = "underway";

    /// <summary>Over.</summary>
    public const string Done = "done";

    /// <summary>A newer delivery of its topic took its place before its turn came.</summary>
    public const string Replaced = "replaced";

    /// <summary>Its TTL was over before its turn came.</summary>
    public const string Expired = "expired";

    /// <summary>What somebody wrote to Redis is no message, or too large.</summary>
    public const string Malformed = "malformed";
}
