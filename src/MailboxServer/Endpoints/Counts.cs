namespace Mailbox.Endpoints;

/// <summary>Counts by name up to a limit, 0 for none. It remembers only names with a count. Thread-safe.</summary>
internal sealed class Counts(int limit)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>False when the limit is reached; then nothing was counted.</summary>
    public bool TryAdd(string name, int more = 1)
    {
        if (limit == 0)
        {
            return true;
        }

        lock (_gate)
        {
            var count = _counts.GetValueOrDefault(name);
            if (count > limit - more)
            {
                return false;
            }

            _counts[name] = count + more;
            return true;
        }
    }

    public void Remove(string name, int fewer = 1)
    {
        if (limit == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (_counts[name] == fewer)
            {
                _counts.Remove(name);
            }
            else
            {
                _counts[name] -= fewer;
            }
        }
    }
}
