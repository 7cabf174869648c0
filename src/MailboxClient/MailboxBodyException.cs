namespace Mailbox.Client;

/// <summary>
/// A message's body is not what the receiver was told to expect. The message is not acknowledged, so it comes again:
/// acknowledge <see cref="RawMessage"/> to go on without it.
/// </summary>
public sealed class MailboxBodyException : Exception
{
    /// <param name="rawMessage">The message as it came.</param>
    /// <param name="innerException">Why its body cannot be read.</param>
    public MailboxBodyException(MailboxMessage rawMessage, Exception? innerException = null)
        : base($"The body of message {rawMessage.Id} cannot be read: {innerException?.Message}", innerException) => RawMessage = rawMessage;

    /// <summary>The message as it came.</summary>
    public MailboxMessage RawMessage { get; }
}
