using System.Runtime.InteropServices;

namespace Mailbox.Faults.Checking;

/// <summary>The known numbers of one generation, in the three orders that they are asked for in.</summary>
internal sealed class NumberedGeneration
{
    private readonly List<(long At, long Value)> _byStored = [];
    private readonly List<(long At, long Value)> _byBegan = [];
    private readonly List<(long At, long Value)> _byNumber = [];

    public void Add(Delivery delivery, long sequence)
    {
        _byStored.Add((delivery.StoredBefore, sequence));
        _byBegan.Add((delivery.Began.Index, sequence));
    }

    public void Add(Receipt receipt)
    {
        if (!receipt.Connection.IsShared)
            _byNumber.Add((receipt.Id.Sequence, receipt.Event.Index));
    }

    /// <summary>Afterwards each list holds, at each place, the best of all before it, or of all behind it.</summary>
    public void Sort()
    {
        _byStored.Sort();
        var stored = CollectionsMarshal.AsSpan(_byStored);
        for (var i = 1; i < stored.Length; i++)
            stored[i].Value = Math.Max(stored[i].Value, stored[i - 1].Value);
        FromBehind(_byBegan);
        FromBehind(_byNumber);
    }

    /// <summary>The highest number that stands before this delivery (0 for none), and the lowest that stands behind it.</summary>
    public (long After, long Before) Around(Delivery delivery)
    {
        var before = FirstFrom(_byStored, delivery.Began.Index);
        var behind = delivery.StoredBefore == long.MaxValue ? _byBegan.Count : FirstFrom(_byBegan, delivery.StoredBefore + 1);
        return (before > 0 ? _byStored[before - 1].Value : 0, behind < _byBegan.Count ? _byBegan[behind].Value : long.MaxValue);
    }

    public long FirstReceiptFrom(long sequence)
    {
        var found = FirstFrom(_byNumber, sequence);
        return found < _byNumber.Count ? _byNumber[found].Value : long.MaxValue;
    }

    private static void FromBehind(List<(long At, long Value)> list)
    {
        list.Sort();
        var items = CollectionsMarshal.AsSpan(list);
        for (var i = items.Length - 2; i >= 0; i--)
            items[i].Value = Math.Min(items[i].Value, items[i + 1].Value);
    }

    private static int FirstFrom(List<(long At, long Value)> sorted, long at)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle].At < at)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
