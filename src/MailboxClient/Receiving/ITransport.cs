namespace Mailbox.Client.Receiving;

/// <summary>One connection to an open mailbox, or to several.</summary>
internal interface ITransport
{
    /// <summary>When to come back, if the server told it on this connection.</summary>
    TimeSpan? RetryAfter { get; }

    /// <summary>
    /// Opens, and gives what comes until the connection is over; the first is <c>open</c>. Silence is an
    /// <see cref="IOException"/>.
    /// </summary>
    /// <exception cref="MailboxException">Refused; <see cref="MailboxReplacedException"/> for good.</exception>
    IAsyncEnumerable<StreamEvent> ReadAsync(CancellationToken cancellation);

    /// <summary>Acknowledges on this connection.</summary>
    /// <returns>False: it has no way back.</returns>
    ValueTask<bool> TryAckAsync(string mailbox, string cursor, CancellationToken cancellation);
}
