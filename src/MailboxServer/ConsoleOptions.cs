namespace Mailbox;

/// <summary>The settings under <c>Mailbox:Console</c>.</summary>
internal sealed class ConsoleOptions
{
    /// <summary>Whether the node serves the <see href="console.md">console</see> at <c>/console</c>. Not set: in Development only.</summary>
    public bool? Enabled { get; set; }

    internal bool IsOn => Enabled == true;
}
