namespace Mailbox.Mailboxes;

internal enum NodeState
{
    Starting,
    Ready,

    /// <summary>Going away: no new opens, the streams are being ended.</summary>
    Draining,
}

/// <summary>This node: who it is and what it is doing.</summary>
internal sealed class Node
{
    private volatile NodeState _state = NodeState.Starting;
    private volatile bool _readsStore;

    /// <summary>Random for each start.</summary>
    public string Id { get; } = Identifier.Random().ToString();

    public DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;

    public string Version { get; } =
        typeof(Node).Assembly.GetName().Version is { } version ? version.ToString(3) : "0.0.0";

    public NodeState State => _state;

    /// <summary>It has looked at what the store holds, and can read it. Until then it writes nothing there.</summary>
    public bool ReadsStore
    {
        get => _readsStore;
        set => _readsStore = value;
    }

    /// <summary>It takes streams from now on, unless it has begun to go away meanwhile.</summary>
    public void BecomeReady() => Interlocked.CompareExchange(ref _state, NodeState.Ready, NodeState.Starting);

    /// <summary>For good.</summary>
    public void BeginDrain() => _state = NodeState.Draining;
}
