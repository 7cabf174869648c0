namespace Mailbox.TestKit;

/// <summary>How a node is started.</summary>
public sealed record MailboxNodeOptions
{
    /// <summary><c>Mailbox:Redis:ConnectionString</c>; null leaves it unset, for the embedded engine.</summary>
    public string? Redis { get; init; }

    /// <summary><c>ASPNETCORE_ENVIRONMENT</c>: Production or Development.</summary>
    public string Environment { get; init; } = "Production";

    /// <summary>Any setting by its name in the configuration: <c>["Mailbox:Heartbeat"] = "00:00:01"</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The port that it listens on; null for a free one.</summary>
    public int? Port { get; init; }

    /// <summary>Listen on a second port for HTTP/2 without TLS: <see cref="MailboxNode.Http2Address"/>.</summary>
    public bool Http2 { get; init; }

    /// <summary>Where it runs, and whose address it binds; null for the loopback.</summary>
    public NetworkNamespace? Network { get; init; }

    /// <summary>How far its wall clock is off, by libfaketime; its timers keep the true time.</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>False for a node that should fail to start, or that is to be watched while it starts.</summary>
    public bool WaitsUntilReady { get; init; } = true;

    public TimeSpan StartDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Another build of the server; null for the one of this checkout, or the one that MAILBOX_SERVER_DLL names.</summary>
    public string? Assembly { get; init; }

    /// <summary>Default: where the server's assembly lies, with its appsettings.</summary>
    public string? WorkingDirectory { get; init; }
}
