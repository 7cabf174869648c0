namespace Mailbox.Bench.Load;

/// <summary>One mailbox's receiver.</summary>
internal abstract class Receiver(Loop loop, int port, Arrivals arrivals, int mailbox) : Connection(loop, port)
{
    public bool IsOpen { get; protected set; }

    /// <summary>Where it is: what a reconnect sends.</summary>
    public string? Cursor { get; protected set; }

    protected int Mailbox => mailbox;

    protected Arrivals Arrivals => arrivals;

    public static Receiver Open(Loop loop, int port, Opening opening, Arrivals arrivals, int mailbox, int bodyLength)
    {
        var stamps = new StampReader(arrivals, mailbox, bodyLength);
        return opening.Transport switch
        {
            Transport.WebSocket => new WebSocketReceiver(loop, port, opening, arrivals, mailbox, stamps),
            Transport.LongPoll => new LongPollReceiver(loop, port, opening, arrivals, mailbox, stamps),
            _ => new StreamReceiver(loop, port, opening, arrivals, mailbox, stamps),
        };
    }

    protected override void OnClosed() => arrivals.Break($"the stream of mailbox {mailbox} ended");
}
