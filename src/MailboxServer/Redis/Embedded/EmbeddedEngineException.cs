namespace Mailbox.Redis.Embedded;

/// <summary>No engine could be started. The message says what to do; it is meant for the person who started the server.</summary>
internal sealed class EmbeddedEngineException : Exception
{
    /// <summary>The engine ended before it answered, which another port may cure.</summary>
    public bool EndedEarly { get; init; }

    public EmbeddedEngineException()
    {
    }

    public EmbeddedEngineException(string message)
        : base(message)
    {
    }

    public EmbeddedEngineException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
