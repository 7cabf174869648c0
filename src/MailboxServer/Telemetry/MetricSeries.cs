namespace Mailbox.Telemetry;

/// <summary>One line of the page, or one histogram: what was measured under one set of tags. Thread-safe.</summary>
internal sealed class MetricSeries(KeyValuePair<string, object?>[] tags, double[] bounds)
{
    /// <summary>One more than there are bounds: what is above the last.</summary>
    private readonly long[] _buckets = new long[bounds.Length + 1];

    private long _whole;
    private double _real;

    public IReadOnlyList<KeyValuePair<string, object?>> Tags => tags;

    public double Value => Volatile.Read(ref _whole) + Volatile.Read(ref _real);

    /// <summary>Of a histogram: how many measurements fell into each bucket.</summary>
    public long[] ReadBuckets()
    {
        var counts = new long[_buckets.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Volatile.Read(ref _buckets[i]);
        }

        return counts;
    }

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
    {
        if (others.Length != tags.Length)
        {
            return false;
        }

        for (var i = 0; i < tags.Length; i++)
        {
            // Our own tags are constants: most of the time they are the same objects.
            if (!ReferenceEquals(tags[i].Value, others[i].Value) && !Equals(tags[i].Value, others[i].Value))
            {
                return false;
            }

            if (!ReferenceEquals(tags[i].Key, others[i].Key) && tags[i].Key != others[i].Key)
            {
                return false;
            }
        }

        return true;
    }

    public void Add(long value) => Interlocked.Add(ref _whole, value);

    public void Add(double value)
    {
        double before;
        do
        {
            before = Volatile.Read(ref _real);
        }
        while (Interlocked.CompareExchange(ref _real, before + value, before) != before);
    }

    public void Set(double value) => Volatile.Write(ref _real, value);

    /// <summary>A bucket holds what is up to its bound, the bound itself too.</summary>
    public void Measure(double value)
    {
        var at = 0;
        while (at < bounds.Length && value > bounds[at])
        {
            at++;
        }

        Interlocked.Increment(ref _buckets[at]);
        Add(value);
    }
}
