using System.Collections.Concurrent;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

/// <summary>
/// Answers opens and takes as a test has laid out, in order; then opens at the asked place and finds nothing. Remembers
/// what it was asked.
/// </summary>
internal sealed class FakeMailboxStore(Journal journal) : IMailboxStore
{
    private readonly ConcurrentQueue<Func<OpenRequest, Opened>> _opens = new();
    private readonly ConcurrentQueue<Func<TakeRequest, Taken>> _takes = new();

    public List<OpenRequest> OpenRequests { get; } = [];

    public List<TakeRequest> TakeRequests { get; } = [];

    public List<LeaveRequest> LeaveRequests { get; } = [];

    public List<Cursor> Acked { get; } = [];

    public bool IsAway { get; set; }

    /// <summary>What a leave waits for; already complete by default.</summary>
    public Task Leaving { get; set; } = Task.CompletedTask;

    /// <summary>What a take waits for; already complete by default.</summary>
    public Task Taking { get; set; } = Task.CompletedTask;

    public void OnOpen(Func<OpenRequest, Opened> answer) => _opens.Enqueue(answer);

    public void OnTake(Func<TakeRequest, Taken> answer) => _takes.Enqueue(answer);

    public void OnTake(params Entry[] entries) => OnTake(request => Found(request.Position, entries));

    public static Taken Found(Position position, params Entry[] entries) =>
        new(TakeOutcome.Taken, default, position, Reset: null, Gap: null, TakeAgain: false, entries);

    public static Opened OpenedAt(Position position, long epoch = 1) => new(IsRefused: false, epoch, position, Reset: null, Gap: null);

    public ValueTask<Opened> OpenAsync(string mailbox, OpenRequest request, CancellationToken cancellation)
    {
        journal.Add("open");
        lock (journal) OpenRequests.Add(request);
        ThrowWhenAway();
        var position = request.Start == StartAt.Cursor ? request.Position : Sample.Place(0);
        return ValueTask.FromResult(
            _opens.TryDequeue(out var answer) ? answer(request) : OpenedAt(position, request.Fence.Epoch + 1));
    }

    public async ValueTask<Taken> TakeAsync(string mailbox, TakeRequest request, CancellationToken cancellation)
    {
        journal.Add("take");
        lock (journal) TakeRequests.Add(request);
        ThrowWhenAway();
        await Taking.WaitAsync(cancellation);
        return _takes.TryDequeue(out var answer) ? answer(request) : Found(request.Position);
    }

    public ValueTask LeaveAsync(string mailbox, LeaveRequest request, CancellationToken cancellation)
    {
        journal.Add("leave");
        lock (journal) LeaveRequests.Add(request);
        ThrowWhenAway();
        return new ValueTask(Leaving);
    }

    public ValueTask<AckOutcome> AckAsync(string mailbox, Cursor cursor, CancellationToken cancellation)
    {
        Acked.Add(cursor);
        return ValueTask.FromResult(AckOutcome.Acked);
    }

    public ValueTask<Delivered> DeliverAsync(string mailbox, Delivery delivery, CancellationToken cancellation) => throw Unused();

    public ValueTask<Peeked> PeekAsync(string mailbox, PeekRequest request, CancellationToken cancellation) => throw Unused();

    public ValueTask<bool> TakeBackAsync(string mailbox, MessageId id, CancellationToken cancellation) => throw Unused();

    public ValueTask<bool> ConfigureAsync(string mailbox, MailboxSettings settings, CancellationToken cancellation) => throw Unused();

    public ValueTask<MailboxInfo?> GetInfoAsync(string mailbox, CancellationToken cancellation) => throw Unused();

    public ValueTask<bool> DismissAsync(string mailbox, CancellationToken cancellation) => throw Unused();

    public ValueTask<bool> RemoveAsync(string mailbox, CancellationToken cancellation) => throw Unused();

    public ValueTask<MailboxList> ListAsync(string prefix, string? cursor, CancellationToken cancellation) => throw Unused();

    private void ThrowWhenAway()
    {
        if (IsAway)
        {
            throw new StoreException(StoreFault.Unavailable, "away");
        }
    }

    private static NotSupportedException Unused() => new("A session does not call this.");
}
