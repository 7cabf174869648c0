namespace Mailbox.TestKit;

/// <summary>An error reply of Redis, as it stands: <c>WRONGTYPE Operation against …</c>.</summary>
public sealed class RedisErrorException(string message) : Exception(message)
{
    /// <summary>The first word: <c>ERR</c>, <c>OOM</c>, <c>NOSCRIPT</c>.</summary>
    public string Code => Message.Split(' ', 2)[0];
}
