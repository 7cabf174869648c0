namespace Mailbox.Endpoints;

/// <summary>
/// The bytes of bodies that this node holds: of those that do not come at once, and of those that go to many. A body that
/// comes with its headers, and is gone with its one delivery, is none of them. Thread-safe.
/// </summary>
internal sealed class BodyBudget(long limit, TimeSpan patience)
{
    private long _held;

    /// <summary>How long a body may take to come.</summary>
    public TimeSpan Patience => patience;

    /// <exception cref="ProblemException">503: there is no room for so many more.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > limit)
        {
            Return(bytes);
            throw new ProblemException(Problem.TooManyBodies);
        }
    }

    public void Return(long bytes) => Interlocked.Add(ref _held, -bytes);
}
