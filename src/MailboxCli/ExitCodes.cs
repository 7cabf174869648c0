namespace Mailbox.Cli;

/// <summary>What a script can tell the outcomes apart by; docs/cli.md lists them.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The server or Redis refused; of several mailboxes, at least one did.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong; nothing was sent.</summary>
    public const int Usage = 2;

    /// <summary>No answer, or one that says to come back: whether the call took effect is unknown.</summary>
    public const int Unavailable = 3;

    /// <summary>Another receiver took over.</summary>
    public const int Replaced = 4;

    /// <summary>Ctrl-C before it was done; as shells have it.</summary>
    public const int Interrupted = 130;
}
