using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store.StateMachine;

/// <summary>One session of a run, and what its client has seen.</summary>
internal sealed class Seat(TestReceiver receiver)
{
    public TestReceiver Receiver { get; } = receiver;

    /// <summary>Places that its client was told, oldest first: any may come back as a cursor.</summary>
    public List<Position> Places { get; } = [];

    public Dictionary<(Identifier Generation, long Sequence), string> Seen { get; } = [];

    public bool HasLeft { get; set; }

    public bool AcksItself => Receiver.Ack == AckMode.None;

    public Position PlaceAt(int chosen) => Places[^(1 + (chosen % Math.Min(Places.Count, 6)))];

    /// <summary>A client that comes back from an older place forgets what came after it: it asks for that again.</summary>
    public void Remember(Seat earlier, Position from)
    {
        foreach (var (name, payload) in earlier.Seen)
        {
            if (name.Generation != from.Generation || name.Sequence <= from.Sequence)
            {
                Seen[name] = payload;
            }
        }
    }

    /// <summary>What it has at its place is called by this generation's name from now on.</summary>
    public void Carry(Position from, Position to)
    {
        if (Seen.GetValueOrDefault((from.Generation, from.Sequence)) is { } payload && from.Sequence == to.Sequence)
        {
            Seen[(to.Generation, to.Sequence)] = payload;
        }
    }

    public override string ToString() =>
        $"{Receiver.Receiver.ToString()[..4]}{(Receiver.IsShared ? " shared" : AcksItself ? " none" : $" client/{Receiver.Window}")} " +
        $"epoch {Receiver.Fence.Epoch} at {Receiver.Position.Sequence}";
}
