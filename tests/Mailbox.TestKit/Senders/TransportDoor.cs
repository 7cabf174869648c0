namespace Mailbox.TestKit;

/// <summary>The ways to deliver.</summary>
public enum TransportDoor
{
    /// <summary><c>POST /v1/mailboxes/{m}/messages</c>.</summary>
    Rest,

    /// <summary><c>MULTI; RPUSH; EXPIRE … NX; PUBLISH; EXEC</c>, from any language.</summary>
    BareRedis,

    /// <summary><c>FCALL mailbox_deliver</c>, where the engine has functions.</summary>
    Function,
}
