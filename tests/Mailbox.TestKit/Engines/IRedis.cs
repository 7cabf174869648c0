namespace Mailbox.TestKit;

/// <summary>
/// Redis as those see it who start nodes on it and who deliver past them: one process, or several of which one stands in
/// for another.
/// </summary>
public interface IRedis
{
    /// <summary>In the form of <c>Mailbox:Redis:ConnectionString</c>; several endpoints where there are several.</summary>
    string ConnectionString { get; }

    /// <summary>Whether it knows FUNCTION and FCALL.</summary>
    bool HasFunctions { get; }

    /// <summary>The calls of one sender. They go to whoever has the key at the time.</summary>
    IRedisCalls NewCalls();
}
