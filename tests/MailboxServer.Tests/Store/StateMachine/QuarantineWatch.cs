using Mailbox.Redis;
using Microsoft.Extensions.Logging;

namespace MailboxServer.Tests.Store.StateMachine;

/// <summary>
/// What Redis holds between the scripts of one take: before it puts away each entry that is no message, the store says so
/// in its log. To the model each script is a step: time passes between them, and another one may look for what has expired,
/// drop, or append again what nobody was sent.
/// </summary>
internal sealed class QuarantineWatch : ILogger<RedisMailboxStore>
{
    private readonly List<Observation> _seen = [];

    public TestMailbox? Mailbox { get; set; }

    /// <summary>Before each quarantine since the last call, oldest first.</summary>
    public IReadOnlyList<Observation> TakeSeen()
    {
        Observation[] seen = [.. _seen];
        _seen.Clear();
        return seen;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name == "Quarantined")
        {
#pragma warning disable VSTHRD002 // The next script must not run before this has been seen.
            _seen.Add(Observation.OfAsync(Mailbox!).GetAwaiter().GetResult());
#pragma warning restore VSTHRD002
        }
    }
}
