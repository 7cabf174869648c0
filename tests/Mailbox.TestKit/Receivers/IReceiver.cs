namespace Mailbox.TestKit;

/// <summary>One open mailbox, whatever the transport. Disposing it drops the connection, as a client that goes away does.</summary>
public interface IReceiver : IAsyncDisposable
{
    /// <summary>The cursor of the last event that <see cref="NextAsync"/> gave: what a resume presents.</summary>
    string? LastCursor { get; }

    /// <summary>How often the stream said that it lives. Stays 0 on WebSockets (pings are out of sight) and long-polls.</summary>
    int HeartbeatCount { get; }

    /// <summary>The next message, control event (the first is <c>open</c>) or end.</summary>
    /// <exception cref="TimeoutException">Nothing came; the message has what came before.</exception>
    Task<ReceivedEvent> NextAsync(TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Whether the stream ends within this time. What comes until then is kept for <see cref="NextAsync"/>.</summary>
    Task<bool> EndsAsync(TimeSpan timeout);

    /// <summary>Everything up to this cursor is received. By a frame on WebSockets, else by <c>POST …/ack</c>.</summary>
    /// <exception cref="HttpRequestException">Refused; with its status.</exception>
    Task AckAsync(string cursor, CancellationToken cancellationToken = default);
}
