using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

/// <summary>From one place of a stream to its next message.</summary>
/// <param name="From">The message before, or the cursor's place; null where a stream, or what follows a reset, begins anew.</param>
/// <param name="Gaps">What was announced between the two.</param>
/// <param name="IsFirst">The connection's first message, with no reset before it.</param>
internal readonly record struct StreamStep(
    Connection Connection, Position? From, Received To, IReadOnlyList<GapTold> Gaps, bool IsFirst)
{
    public static IEnumerable<StreamStep> Of(Connection connection)
    {
        var from = connection.Began.Resumes;
        var isFirst = true;
        List<GapTold>? gaps = null;
        foreach (var happened in connection.Stream)
        {
            if (happened is GapTold gap)
            {
                (gaps ??= []).Add(gap);
                continue;
            }
            if (happened is Received received)
            {
                yield return new StreamStep(connection, from, received, gaps ?? (IReadOnlyList<GapTold>)[], isFirst);
                from = received.Id;
            }
            else
            {
                from = null;
            }
            isFirst = false;
            gaps = null;
        }
    }

    /// <summary>What is wrong with it, or null.</summary>
    public string? Problem()
    {
        var to = To.Id;
        if (Gaps.FirstOrDefault(gap => gap.To >= to.Sequence) is { } denied)
            return $"{to} came after a gap to {denied.To} had been told";
        if (From is null)
            return null;
        if (From.Generation != to.Generation)
            return $"{to} came after {From}, without a reset";
        if (to.Sequence == From.Sequence)
            return $"{to} came again";
        if (to.Sequence < From.Sequence)
            return $"{to} came after {From}";

        for (var missing = From.Sequence + 1; missing < to.Sequence; missing++)
        {
            if (Gaps.FirstOrDefault(gap => gap.From <= missing && missing <= gap.To) is { } gap)
                missing = gap.To;
            else if (!Connection.Mailbox.Removals.Explains(new Position(to.Generation, missing), To))
                return $"{to} came after {From}, and nothing explains {missing}";
        }
        return null;
    }
}
