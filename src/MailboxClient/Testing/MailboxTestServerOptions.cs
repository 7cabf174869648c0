namespace Mailbox.Client.Testing;

/// <summary>How a <see cref="MailboxTestServer"/> is started.</summary>
public sealed record MailboxTestServerOptions
{
    /// <summary>
    /// The server: its published <c>MailboxServer</c> program, or <c>MailboxServer.dll</c>. Null: what the environment variable
    /// <c>MAILBOX_SERVER_PATH</c> names.
    /// </summary>
    public string? ServerPath { get; init; }

    /// <summary>The server's settings by their names in its configuration: <c>["Mailbox:Heartbeat"] = "00:00:01"</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How long the server may take to start. Default 30 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
