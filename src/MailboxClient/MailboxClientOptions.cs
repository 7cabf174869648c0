using Microsoft.Extensions.Logging;

namespace Mailbox.Client;

/// <summary>How a <see cref="MailboxClient"/> reaches its server. The client takes a copy when it is made; later changes have no effect.</summary>
public sealed class MailboxClientOptions
{
    /// <summary>
    /// Where the server is, such as <c>https://mailbox.example.com</c>. Several for several ways to the same Redis: the next one
    /// is taken when one does not answer, or drains. At least one.
    /// </summary>
    public IList<Uri> BaseAddresses { get; private set; } = [];

    /// <summary>How messages come, where a receiver's options do not say. Default: server-sent events.</summary>
    public MailboxTransport Transport { get; set; }

    /// <summary>
    /// The bearer token of each request. Asked before every request and every open, and once more, with
    /// <see cref="TokenRequest.IsRefresh"/>, after a 401: keep a token that lasts. Null, or null answered: no token. It is part of
    /// the attempt: in time, and an <see cref="HttpRequestException"/> or <see cref="IOException"/> of it is tried again.
    /// </summary>
    public Func<TokenRequest, CancellationToken, ValueTask<string?>>? Token { get; set; }

    /// <summary>How long one attempt of a request, or an open, may take. Default 10 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a delivery is tried again while the server is away, draining or cannot reach Redis. Zero: one attempt. Default
    /// 30 s, at most 5 minutes: the server remembers idempotency keys for ten.
    /// </summary>
    public TimeSpan SendRetryTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The pause before the first retry or reconnect, where the server does not tell one; it doubles. Jittered. Default 0.5 s. One
    /// that is told is at least half of this, and at most 5 minutes.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>What the doubled pauses end at. Default 30 s.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a receiver tries to come back before it gives up with the last error. Default: for ever
    /// (<see cref="Timeout.InfiniteTimeSpan"/>).
    /// </summary>
    public TimeSpan ReconnectTime { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Silence after which a stream is taken for broken. At least two of the server's heartbeats (15 s by default).
    /// Default 45 s.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>The clock of pauses and timeouts. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the client logs to, as category <c>Mailbox.Client</c>. No body, token or whole name is logged. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>A copy that nobody else has.</summary>
    /// <exception cref="ArgumentException">A value that cannot work; its name is in the message.</exception>
    internal MailboxClientOptions Snapshot()
    {
        Require(BaseAddresses.Count > 0, nameof(BaseAddresses), "names at least one address");
        Require(
            BaseAddresses.All(address => address is { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "" }),
            nameof(BaseAddresses),
            "holds absolute http or https addresses, without a query");
        Require(AttemptTimeout > TimeSpan.Zero, nameof(AttemptTimeout), "is more than 0");
        Require(SendRetryTime >= TimeSpan.Zero && SendRetryTime <= TimeSpan.FromMinutes(5), nameof(SendRetryTime), "is 0 to 5 minutes");
        Require(RetryDelay > TimeSpan.Zero && MaxRetryDelay >= RetryDelay, nameof(RetryDelay), "is more than 0, and at most MaxRetryDelay");
        Require(IdleTimeout > TimeSpan.Zero, nameof(IdleTimeout), "is more than 0");
        var copy = (MailboxClientOptions)MemberwiseClone();
        copy.BaseAddresses = [.. BaseAddresses];
        return copy;
    }

    private static void Require(bool holds, string name, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException($"{nameof(MailboxClientOptions)}.{name} {rule}.");
        }
    }
}
