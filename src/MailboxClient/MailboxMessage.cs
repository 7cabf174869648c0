using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mailbox.Client.Receiving;

namespace Mailbox.Client;

/// <summary>One message, as it was delivered.</summary>
public sealed class MailboxMessage : MailboxEvent
{
    private readonly Seat _seat;

    internal MailboxMessage(Seat seat, StreamEvent envelope)
        : base(seat.Mailbox)
    {
        _seat = seat;
        (Id, Cursor) = (envelope.Id!, envelope.Cursor!);
        (Type, Time, ContentType, Body) = (envelope.Type, envelope.Time, envelope.ContentType, envelope.Body);
        (TraceParent, TraceState) = (envelope.TraceParent, envelope.TraceState);
    }

    /// <summary>Names the message: what its sender was answered. After a reset, the same message may come under another.</summary>
    public string Id { get; }

    /// <summary>The receiver's place once everything up to this message is done with. Opaque.</summary>
    public string Cursor { get; }

    /// <summary>What its sender called it, if at all.</summary>
    public string? Type { get; }

    /// <summary>When it was delivered, by the store's clock. A message that was put into Redis bare has none.</summary>
    public DateTimeOffset? Time { get; }

    /// <summary>The body's content type, if its sender told one.</summary>
    public string? ContentType { get; }

    /// <summary>
    /// The trace that its delivery belongs to, if its sender recorded one (W3C Trace Context, <c>traceparent</c>): a parent, or a
    /// link, for what is done with the message. Raw server-sent events carry none.
    /// </summary>
    public string? TraceParent { get; }

    /// <summary>What goes with <see cref="TraceParent"/>: <c>tracestate</c>.</summary>
    public string? TraceState { get; }

    /// <summary>The bytes that were delivered. A body that is JSON may have lost line ends between its tokens.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The body as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>The body as a value.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="typeInfo">How to read it, as of a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>.</param>
    /// <exception cref="MailboxBodyException">The body is not such a value, or is <c>null</c>.</exception>
    public T Read<T>(JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        try
        {
            return JsonSerializer.Deserialize(Body.Span, typeInfo) ?? throw new MailboxBodyException(this, new JsonException("It is null."));
        }
        catch (Exception exception) when (exception is not MailboxBodyException)
        {
            // Also what a converter or a constructor of the value's own throws: only with its message can it be set aside.
            throw new MailboxBodyException(this, exception);
        }
    }

    /// <summary>
    /// Says that this message is done with. Thread-safe, in any order, any number of times: the server is told the place right
    /// before the oldest message that is not done with, in the background and at the latest when the loop ends. Outside of a
    /// loop it is told before this returns.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting outside of a loop; the message stays marked.</param>
    /// <exception cref="ObjectDisposedException">The receiver is disposed; the message comes again.</exception>
    /// <exception cref="MailboxException">Outside of a loop: the server could not be told.</exception>
    public ValueTask AckAsync(CancellationToken cancellationToken = default) => _seat.AckAsync(Cursor, cancellationToken);

    /// <inheritdoc/>
    public override string ToString() => $"message {Id}";

    internal Seat Seat => _seat;
}
