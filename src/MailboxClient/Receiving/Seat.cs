namespace Mailbox.Client.Receiving;

/// <summary>One mailbox of a receiver: its place, and what of it is done with. It outlasts loops and connections.</summary>
internal sealed class Seat
{
    private readonly ReceiverLoop _loop;
    private readonly string? _after;
    private volatile AckPump? _pump;
    private volatile bool _isGone;

    /// <param name="loop">Of its receiver.</param>
    /// <param name="mailbox">Its name.</param>
    /// <param name="after">Where it begins: a cursor, <c>now</c>, or null for the oldest kept.</param>
    public Seat(ReceiverLoop loop, string mailbox, string? after)
    {
        (_loop, Mailbox, _after) = (loop, mailbox, after);
        Acks.Begin(after is "now" ? null : after);
    }

    public string Mailbox { get; }

    public AckTracker Acks { get; } = new();

    /// <summary>What an open presents: a cursor, or as it was asked to begin.</summary>
    public string? Cursor => Acks.Position ?? (_after is "now" ? "now" : null);

    /// <summary>Tells what is done with, in the background; null when nobody does.</summary>
    public AckPump? Pump
    {
        get => _pump;
        set => _pump = value;
    }

    /// <summary>It has left its receiver: what came of it and waits for the loop is not the loop's any more.</summary>
    public bool IsGone
    {
        get => _isGone;
        set => _isGone = value;
    }

    /// <inheritdoc cref="MailboxMessage.AckAsync"/>
    public ValueTask AckAsync(string cursor, CancellationToken cancellation) => _loop.AckAsync(this, cursor, cancellation);
}
