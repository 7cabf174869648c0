using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Tests;

/// <summary>One thing that must not happen, put into a good history; null when there is no place for it.</summary>
internal static class Corruption
{
    public static IEnumerable<HistoryEvent>? NeverCame(IReadOnlyList<HistoryEvent> history, Random random)
    {
        var kept = history.OfType<Kept>().Where(kept => !kept.HasReceiver).SelectMany(kept => kept.Payloads).ToHashSet();
        var lost = PickNamed(history, random);
        if (kept.Contains(lost.Payload))
            return null;
        return history.Where(happened => happened is not Received received || received.Payload != lost.Payload);
    }

    public static IEnumerable<HistoryEvent>? CameTwice(IReadOnlyList<HistoryEvent> history, Random random)
    {
        var again = PickNamed(history, random);
        return history.SelectMany(happened => happened == again ? [happened, happened] : new[] { happened });
    }

    public static IEnumerable<HistoryEvent>? ChangedPlaces(IReadOnlyList<HistoryEvent> history, Random random) =>
        PickTwo(history, random) is var (one, other) ? Replace(history, one, other) : null;

    public static IEnumerable<HistoryEvent>? ChangedPayloads(IReadOnlyList<HistoryEvent> history, Random random) =>
        PickTwo(history, random) is var (one, other)
            ? Replace(history, one with { Payload = other.Payload }, other with { Payload = one.Payload }, one, other)
            : null;

    public static IEnumerable<HistoryEvent>? ChangedNumber(IReadOnlyList<HistoryEvent> history, Random random)
    {
        var one = PickNamed(history, random);
        var elsewhere = one.Id with { Sequence = one.Id.Sequence + (random.Next(2) * 2) - 1 };
        return history.Select(happened => happened == one ? one with { Id = elsewhere } : happened);
    }

    public static IEnumerable<HistoryEvent>? WasRefused(IReadOnlyList<HistoryEvent> history, Random random)
    {
        var id = PickNamed(history, random).Id;
        return history.Select(happened => happened is DeliverEnded ended && ended.Id == id
            ? ended with { Outcome = DeliverOutcome.Refused, Id = null }
            : happened);
    }

    public static IEnumerable<HistoryEvent>? ResumedElsewhere(IReadOnlyList<HistoryEvent> history, Random random)
    {
        // A gap that is told first may cover the difference.
        var denied = history.OfType<GapTold>().Select(gap => gap.Connection).ToHashSet();
        var busy = history.OfType<Received>().Select(received => received.Connection).Except(denied).ToHashSet();
        var resumes = history.OfType<OpenBegan>().Where(open => open.Resumes is not null && busy.Contains(open.Connection)).ToList();
        if (resumes.Count == 0)
            return null;
        var one = resumes[random.Next(resumes.Count)];
        var elsewhere = one.Resumes! with { Sequence = one.Resumes.Sequence + 1 };
        return history.Select(happened => happened == one ? one with { Resumes = elsewhere } : happened);
    }

    public static IEnumerable<HistoryEvent>? CameAfterItsAck(IReadOnlyList<HistoryEvent> history, Random random)
    {
        var acks = history.OfType<AckBegan>().ToList();
        if (acks.Count == 0)
            return null;
        var acked = acks[random.Next(acks.Count)];
        var again = history.OfType<Received>().First(received => received.Id == acked.Id);
        return history.Concat([
            new OpenBegan("late", acked.Client, acked.Mailbox, "sse", true, null, false), new Opened("late"), again with { Connection = "late" }]);
    }

    public static IEnumerable<HistoryEvent>? AcknowledgedFromBehind(IReadOnlyList<HistoryEvent> history, Random random)
    {
        var received = PickNamed(history, random);
        const long op = -1;
        return history.Concat([
            new OpenBegan("late", "eve", received.Mailbox, "sse", true, null, false), new Opened("late"),
            new AckBegan(op, received.Connection, "alice", received.Mailbox, received.Id), new AckEnded(op, AckEnd.Acked)]);
    }

    /// <summary>A receipt whose id the producer knows, too.</summary>
    private static Received PickNamed(IReadOnlyList<HistoryEvent> history, Random random)
    {
        var told = history.OfType<DeliverEnded>().Select(ended => ended.Id).ToHashSet();
        var named = history.OfType<Received>().Where(received => told.Contains(received.Id)).ToList();
        return named[random.Next(named.Count)];
    }

    /// <summary>Two receipts of one connection, one behind the other.</summary>
    private static (Received One, Received Other)? PickTwo(IReadOnlyList<HistoryEvent> history, Random random)
    {
        var one = PickNamed(history, random);
        var other = history.OfType<Received>().FirstOrDefault(received => received.Connection == one.Connection && received.Index > one.Index);
        return other is null ? null : (one, other);
    }

    private static IEnumerable<HistoryEvent> Replace(IEnumerable<HistoryEvent> history, Received one, Received other) =>
        Replace(history, other, one, one, other);

    private static IEnumerable<HistoryEvent> Replace(
        IEnumerable<HistoryEvent> history, Received insteadOfOne, Received insteadOfOther, Received one, Received other) =>
        history.Select(happened => happened == one ? insteadOfOne : happened == other ? insteadOfOther : happened);
}
