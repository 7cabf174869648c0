using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>On the WebSocket of several mailboxes a client acknowledges for one of them, opens one more, or closes one.</summary>
internal sealed class ListFrames(SessionSet set, ILiveList list) : IClientFrames
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public string Expected => "expected {\"ack\":\"<cursor>\",\"mailbox\":\"…\"}, {\"open\":\"…\",\"after\":\"…\"} or {\"close\":\"…\"}";

    public ClientFrame? Read(ReadOnlySpan<byte> frame) => ClientFrame.Parse(frame) switch
    {
        { Ack: not null, Mailbox: not null, Open: null, After: null, Close: null } ack => ack,
        { Open: not null, Ack: null, Mailbox: null, Close: null } open => open,
        { Close: not null, Ack: null, Mailbox: null, Open: null, After: null } close => close,
        _ => null,
    };

    public async ValueTask TakeAsync(ClientFrame frame, CancellationToken cancellation)
    {
        while (set.IsBacklogged)
        {
            await Task.Delay(Pause, cancellation); // who does not read the answers is not asked for more
        }

        if (frame.Open is { } opened)
        {
            list.Open(opened, frame.After);
        }
        else if (frame.Close is { } closed)
        {
            list.Close(closed);
        }
        else
        {
            await AckAsync(frame, cancellation);
        }
    }

    /// <inheritdoc cref="AckFrames.TakeAsync"/>
    private async ValueTask AckAsync(ClientFrame frame, CancellationToken cancellation)
    {
        try
        {
            await set.AckAsync(frame.Mailbox!, frame.Ack!.Value, cancellation);
        }
        catch (StoreException)
        {
        }
    }
}
