namespace Mailbox.Endpoints;

/// <summary>Ends a request with a problem. Thrown while input is read, before anything has changed.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Title)
{
    public Problem Problem { get; } = problem;
}
