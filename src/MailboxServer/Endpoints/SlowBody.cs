namespace Mailbox.Endpoints;

/// <summary>A body that did not come with its headers: what it holds is counted, and it has to come to an end.</summary>
internal sealed class SlowBody : IDisposable
{
    private readonly BodyBudget _budget;
    private readonly CancellationTokenSource _until;
    private long _held;

    public SlowBody(BodyBudget budget, CancellationToken aborted)
    {
        _budget = budget;
        _until = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _until.CancelAfter(budget.Patience);
    }

    public CancellationToken Until => _until.Token;

    /// <exception cref="ProblemException">503: the node holds as many bytes of bodies as it may.</exception>
    public void Holds(long bytes)
    {
        _budget.Take(bytes - _held);
        _held = bytes;
    }

    public void Dispose()
    {
        _budget.Return(_held);
        _until.Dispose();
    }
}
