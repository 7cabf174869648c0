namespace Mailbox.TestKit;

/// <summary>One sender's connections to a Redis, made when they are needed and made anew after they broke.</summary>
public interface IRedisCalls : IAsyncDisposable
{
    /// <summary>Sends all at once, to whoever has the key, and reads all replies.</summary>
    /// <exception cref="RedisErrorException">The first error reply.</exception>
    Task<IReadOnlyList<object?>> ExecuteAsync(
        string key, IReadOnlyList<object[]> commands, CancellationToken cancellationToken = default);
}
