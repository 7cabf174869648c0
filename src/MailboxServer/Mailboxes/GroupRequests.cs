namespace Mailbox.Mailboxes;

internal enum GroupJoinOutcome
{
    Joined,

    /// <summary>It was a member before; now it is one until the new end.</summary>
    Renewed,

    /// <summary>The group has as many members as it may.</summary>
    Full,
}

/// <summary>What became of a wish to join. <see cref="Ends"/> is null for a membership that does not end by itself.</summary>
internal readonly record struct GroupJoined(GroupJoinOutcome Outcome, DateTimeOffset? Ends);

/// <summary>What became of a delivery to a group: stored, replayed, full or conflict.</summary>
internal readonly record struct GroupAccepted(DeliveryOutcome Outcome, string Id);

/// <summary>What one delivery came to, over all members that it reached.</summary>
internal readonly record struct GroupTally(long Delivered, long Waiting, long Full, long Failed, long Absent);

/// <summary>What became of a delivery to a group in one member's mailbox: an outcome, or the store's fault.</summary>
internal readonly record struct GroupMemberResult(string Mailbox, Delivered? Delivered, StoreFault Fault);

/// <summary>A delivery to a group as its outbox holds it; what it is for each member.</summary>
internal sealed record GroupMessage
{
    public required Delivery Delivery { get; init; }

    /// <summary>When it came, by Redis's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Each member's result is kept.</summary>
    public bool KeepsResults { get; init; }
}

internal enum GroupTurnKind
{
    /// <summary>The outbox is empty.</summary>
    Nothing,

    /// <summary>Another node has the group's work.</summary>
    Busy,

    /// <summary>This node had it, and has it no more; or what it worked on was removed.</summary>
    Lost,

    /// <summary>The delivery has reached all members.</summary>
    Done,

    /// <summary>These members come next.</summary>
    Members,
}

/// <summary>What a node does next for a group.</summary>
internal sealed record GroupTurn(GroupTurnKind Kind)
{
    /// <summary>How long the other node has it at least, if it dies.</summary>
    public TimeSpan Wait { get; init; }

    public string Id { get; init; } = "";

    /// <summary>How many members are still to be reached, these with them.</summary>
    public long Left { get; init; }

    /// <summary>By Redis's clock.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>With the first members of a delivery; null when what is in the outbox is no message.</summary>
    public GroupMessage? Message { get; init; }

    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>What a node has done with what its turn was.</summary>
/// <param name="Turn">The turn.</param>
/// <param name="Tally">What it came to for these members.</param>
/// <param name="Results">One for each, when they are kept.</param>
/// <param name="GivenUp">Why the delivery ends here, one of the states; null when it goes on.</param>
internal sealed record GroupDone(GroupTurn Turn, GroupTally Tally, IReadOnlyList<GroupMemberResult> Results, string? GivenUp);

/// <summary>How far a delivery to a group is.</summary>
internal sealed record GroupState(string State, long Members, GroupTally Tally);

/// <summary>Some pages of members' results.</summary>
internal sealed record GroupResults(IReadOnlyList<GroupMemberResult> Results, int Pages, bool HasMore);
