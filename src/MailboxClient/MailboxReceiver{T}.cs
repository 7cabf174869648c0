using System.Text.Json.Serialization.Metadata;

namespace Mailbox.Client;

/// <summary>A <see cref="MailboxReceiver"/> of values.</summary>
/// <typeparam name="T">The values' type.</typeparam>
public sealed class MailboxReceiver<T> : IAsyncEnumerable<MailboxMessage<T>>, IAsyncDisposable
{
    private readonly JsonTypeInfo<T> _typeInfo;

    internal MailboxReceiver(MailboxReceiver receiver, JsonTypeInfo<T> typeInfo) => (Receiver, _typeInfo) = (receiver, typeInfo);

    /// <summary>The receiver: its state, its place, its events.</summary>
    public MailboxReceiver Receiver { get; }

    /// <summary>
    /// Receives, as <see cref="MailboxReceiver.GetAsyncEnumerator"/>. A body that is no such value ends the loop with
    /// <see cref="MailboxBodyException"/>: acknowledge the message that it carries, and loop again to go on behind it.
    /// </summary>
    /// <param name="cancellationToken">Ends the loop with <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerator<MailboxMessage<T>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (var message in Receiver.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return new MailboxMessage<T>(message, message.Read(_typeInfo));
        }
    }

    /// <inheritdoc cref="MailboxReceiver.DisposeAsync"/>
    public ValueTask DisposeAsync() => Receiver.DisposeAsync();
}
