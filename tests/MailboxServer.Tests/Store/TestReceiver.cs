using System.Text;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>
/// What a session does with the store, and nothing more: it opens, takes from its place, and moves its place past what it
/// got. It never opens again by itself.
/// </summary>
internal sealed class TestReceiver(TestMailbox mailbox, AckMode ack, int window, bool isShared, Identifier receiver)
{
    public Identifier Receiver { get; } = receiver.IsNone ? Identifier.Random() : receiver;

    public AckMode Ack => ack;

    public int Window => window;

    public bool IsShared => isShared;

    private int WindowInForce => ack == AckMode.Client && !isShared ? window : 0;

    public Fence Fence { get; private set; }

    public Position Position { get; set; }

    /// <summary>Where this session began: what is before is not in flight.</summary>
    public long Began { get; private set; }

    public Opened Opened { get; private set; }

    public Cursor Cursor => new(Position, Receiver);

    public Cursor CursorAt(Position position) => new(position, Receiver);

    public async Task<Opened> OpenAsync(StartAt start, Position position, bool isReopen = false)
    {
        var owner = Identifier.Random();
        Opened = await mailbox.Store.OpenAsync(
            mailbox.Name,
            new OpenRequest
            {
                IsShared = isShared,
                IsReopen = isReopen,
                Receiver = Receiver,
                Fence = new Fence(Fence.Epoch, owner),
                Ack = ack,
                Window = WindowInForce,
                Start = start,
                Position = position,
            },
            CancellationToken.None);
        if (!Opened.IsRefused)
        {
            Fence = new Fence(Opened.Epoch, owner);
            Position = Opened.Position;
            if (!isReopen || Opened.IsLost)
            {
                Began = Position.Sequence;
            }
        }

        return Opened;
    }

    /// <summary>As a session does when Redis has lost its epoch.</summary>
    public Task<Opened> ReopenAsync() => OpenAsync(StartAt.Cursor, Position, isReopen: true);

    public async Task<Taken> TakeAsync(int most = 100)
    {
        var taken = await mailbox.Store.TakeAsync(
            mailbox.Name,
            new TakeRequest(
                isShared, Fence, Position, ack, WindowInForce, Began, most),
            CancellationToken.None);
        if (taken.Outcome == TakeOutcome.Taken)
        {
            Position = taken.Entries.Count > 0 ? taken.Entries[^1].Position : taken.Position;
            Began = taken.IsLost ? taken.Position.Sequence : Began;
        }

        return taken;
    }

    /// <summary>Takes once and expects to be let: the bodies of the messages.</summary>
    public async Task<string[]> BodiesAsync(int most = 100)
    {
        var taken = await TakeAsync(most);
        taken.Outcome.ShouldBe(TakeOutcome.Taken);
        return BodiesOf(taken.Entries);
    }

    /// <summary>Takes as a session does, until there is nothing more to take.</summary>
    public async Task<List<Taken>> DrainAsync(bool acknowledges = false)
    {
        var all = new List<Taken>();
        do
        {
            all.Add(await TakeAsync());
            all[^1].Outcome.ShouldBe(TakeOutcome.Taken);
            if (acknowledges && all[^1].Entries.Count > 0)
            {
                (await AckAsync()).ShouldBe(AckOutcome.Acked);
            }
        }
        while (all[^1].TakeAgain && all[^1].Entries.Count > 0);

        return all;
    }

    /// <summary>Acknowledges up to its place.</summary>
    public ValueTask<AckOutcome> AckAsync() => mailbox.AckAsync(Cursor);

    public ValueTask<AckOutcome> AckAsync(Position position) => mailbox.AckAsync(CursorAt(position));

    public ValueTask LeaveAsync(bool isFlushed = false, bool keepsLease = false) => mailbox.Store.LeaveAsync(
        mailbox.Name, new LeaveRequest(Fence, Position, isFlushed, keepsLease), CancellationToken.None);

    public static string[] BodiesOf(IEnumerable<Entry> entries) =>
        [.. entries.Where(entry => entry.Kind == EntryKind.Message).Select(entry => BodyOf(entry.Message!))];

    public static string BodyOf(Message message) => Encoding.UTF8.GetString(message.Body.Span);
}
