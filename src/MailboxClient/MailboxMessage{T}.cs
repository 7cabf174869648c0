namespace Mailbox.Client;

/// <summary>A message and the value in its body.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public sealed class MailboxMessage<T>
{
    internal MailboxMessage(MailboxMessage message, T value) => (Message, Value) = (message, value);

    /// <summary>The value in the body.</summary>
    public T Value { get; }

    /// <summary>The message as it came.</summary>
    public MailboxMessage Message { get; }

    /// <summary>As <see cref="MailboxMessage.AckAsync"/>.</summary>
    /// <param name="cancellationToken">Gives up waiting outside of a loop; the message stays marked.</param>
    /// <exception cref="ObjectDisposedException">The receiver is disposed; the message comes again.</exception>
    /// <exception cref="MailboxException">Outside of a loop: the server could not be told.</exception>
    public ValueTask AckAsync(CancellationToken cancellationToken = default) => Message.AckAsync(cancellationToken);
}
