namespace Mailbox.Fuzz.Inputs;

/// <summary>By which door an input goes in. Its name in lower case ends the name of a kept file.</summary>
internal enum InputKind
{
    /// <summary>The bytes of HTTP/1.1 requests, right or wrong.</summary>
    Http,

    /// <summary>An element of a mailbox's list, as anyone may push it.</summary>
    Entry,

    /// <summary>What somebody did to a mailbox's keys by hand, a line each.</summary>
    Damage,

    /// <summary>What a client sends on an open WebSocket.</summary>
    Frames,

    /// <summary>The arguments of a call of the Redis function, a record separator (0x1E) between them.</summary>
    Function,
}
