namespace Mailbox.Redis;

/// <summary>
/// Knows whether one server of Redis answers. The client's asynchronous calls never time out by themselves, so once a call
/// has missed its deadline every further one is refused at once, until a probe is answered: nothing piles up behind a
/// Redis that stands still.
/// </summary>
internal sealed class RedisBreaker
{
    private int _isOpen;

    public bool IsOpen => Volatile.Read(ref _isOpen) != 0;

    /// <summary>True for the one call that opened it: it has a probe to start.</summary>
    public bool TryOpen() => Interlocked.Exchange(ref _isOpen, 1) == 0;

    public void Close() => Volatile.Write(ref _isOpen, 0);
}
