using System.Collections.Concurrent;

namespace Mailbox.Faults.Actors;

/// <summary>
/// What was accepted and has not arrived, while the run goes on: tells when everybody has caught up. The verdict is the
/// checker's.
/// </summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, bool> _isReceived = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _accepted = new(StringComparer.Ordinal);
    private long _lastReceipt = Environment.TickCount64;

    public int Accepted => _accepted.Count;

    /// <summary>Accepted and not received.</summary>
    public int Outstanding => _accepted.Count(payload => !_isReceived.ContainsKey(payload.Key));

    /// <summary>For how long nothing new has arrived.</summary>
    public TimeSpan Silence => TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastReceipt));

    public bool IsReceived(string payload) => _isReceived.ContainsKey(payload);

    public void WasAccepted(string payload) => _accepted.TryAdd(payload, true);

    public void WasReceived(string payload)
    {
        if (_isReceived.TryAdd(payload, true))
        {
            Volatile.Write(ref _lastReceipt, Environment.TickCount64);
        }
    }
}
