using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

/// <summary>
/// One session on a store and a wake source that the test holds in its hand. The fakes answer at once, so a call that has
/// not completed when it returns is one that waits for a signal. No interval of the clock ever comes due.
/// </summary>
internal sealed class SessionFixture : IDisposable
{
    public const string Mailbox = "alice";

    private static readonly TimeSpan Never = TimeSpan.FromDays(1_000);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public SessionFixture(TimeSpan? retry = null)
    {
        Store = new FakeMailboxStore(Journal);
        Wakes = new FakeWakeSource(Journal);
        var clock = new SessionClock { Heartbeat = Never, Sweep = Never, WriteDeadline = Never };
        Registry = new SessionRegistry(retry is { } pause ? clock with { Retry = pause } : clock);
    }

    /// <summary>What the session did, in order.</summary>
    public Journal Journal { get; } = new();

    public FakeMailboxStore Store { get; }

    public FakeWakeSource Wakes { get; }

    public SessionRegistry Registry { get; }

    public Task<Session?> TryOpenAsync(OpenOptions? options = null, CancellationToken cancellation = default) =>
        Session.OpenAsync(Mailbox, options ?? new OpenOptions(), Store, Wakes, Registry, cancellation).AsTask();

    /// <summary>Opens, and reads the event that says so.</summary>
    public async Task<Session> OpenAsync(OpenOptions? options = null)
    {
        var session = (await TryOpenAsync(options)).ShouldNotBeNull();
        (await NextAsync(session)).Kind.ShouldBe(SessionEventKind.Open);
        return session;
    }

    public static async Task<SessionEvent> NextAsync(Session session) =>
        await session.NextAsync(CancellationToken.None).AsTask().WaitAsync(Patience);

    /// <summary>Asks for the next event and checks that there is none yet. Await it once something was done for it.</summary>
    public static Task<SessionEvent> WaitingAsync(Session session)
    {
        var next = session.NextAsync(CancellationToken.None).AsTask();
        next.IsCompleted.ShouldBeFalse("the session had something to tell");
        return next.WaitAsync(Patience);
    }

    public void Dispose() => Registry.Dispose();
}
