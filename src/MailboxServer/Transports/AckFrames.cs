using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>On the stream of one mailbox a client acknowledges, and says nothing else.</summary>
internal sealed class AckFrames(Session session) : IClientFrames
{
    public string Expected => "expected {\"ack\":\"<cursor>\"}";

    public ClientFrame? Read(ReadOnlySpan<byte> frame) =>
        ClientFrame.Parse(frame) is { Ack: not null, Mailbox: null, Open: null, After: null, Close: null } ack ? ack : null;

    /// <summary>
    /// A refused acknowledgement needs no answer: another receiver's takeover and a reset are told by the stream itself,
    /// and when the store is away the message comes again after the next open.
    /// </summary>
    public async ValueTask TakeAsync(ClientFrame frame, CancellationToken cancellation)
    {
        try
        {
            await session.AckAsync(frame.Ack!.Value, cancellation);
        }
        catch (StoreException)
        {
        }
    }
}
