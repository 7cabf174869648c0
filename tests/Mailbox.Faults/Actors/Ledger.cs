using System.Collections.Concurrent;

namespace Mailbox.Faults.Actors;

/// <summary>
/// What was accepted and has not arrived, while the run goes on: tells when everybody has caught up. The verdict is the
/// checker's.
/// </summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<(string Mailbox, string Payload), bool> _isReceived = new();
    private readonly ConcurrentDictionary<(string Mailbox, string Payload), bool> _accepted = new();
    private long _lastReceipt = Environment.TickCount64;

    public int Accepted => _accepted.Count;

    /// <summary>Accepted and not received.</summary>
    public int Outstanding => _accepted.Count(message => !_isReceived.ContainsKey(message.Key));

    /// <summary>For how long nothing new has arrived.</summary>
    public TimeSpan Silence => TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastReceipt));

    public bool IsReceived(string mailbox, string payload) => _isReceived.ContainsKey((mailbox, payload));

    public void WasAccepted(string mailbox, string payload) => _accepted.TryAdd((mailbox, payload), true);

    public void WasReceived(string mailbox, string payload)
    {
        if (_isReceived.TryAdd((mailbox, payload), true))
        {
            Volatile.Write(ref _lastReceipt, Environment.TickCount64);
        }
    }
}
