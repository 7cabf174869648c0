namespace Mailbox.Contracts;

/// <summary>One mailbox's membership of a group.</summary>
/// <param name="Mailbox">The mailbox.</param>
/// <param name="Ends">When it ends by itself; absent when it does not.</param>
public sealed record GroupMember(string Mailbox, DateTimeOffset? Ends);

/// <summary>A page of names of groups.</summary>
/// <param name="Groups">The names, in no order; one may come twice, and one that nobody is in any more for an hour.</param>
/// <param name="Cursor">Where the next page begins; absent on the last.</param>
public sealed record GroupList(IReadOnlyList<string> Groups, string? Cursor);

/// <summary>A group, and a page of its members.</summary>
public sealed record GroupInfo
{
    /// <summary>The name.</summary>
    public required string Group { get; init; }

    /// <summary>How many mailboxes are members now.</summary>
    public required long Members { get; init; }

    /// <summary>Deliveries that have not reached all members yet.</summary>
    public required long Outbox { get; init; }

    /// <summary>A page of members, in no order; one may come twice.</summary>
    public required IReadOnlyList<GroupMember> Page { get; init; }

    /// <summary>Where the next page begins; absent on the last.</summary>
    public string? Cursor { get; init; }
}

/// <summary>How far a delivery to a group is, and what became of it.</summary>
public sealed record GroupDelivery
{
    /// <summary>Names the delivery: 16 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="GroupDeliveryStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>How many members it is for; in the end, how many it was for.</summary>
    public required long Members { get; init; }

    /// <summary>Stored for these, and their receivers were present.</summary>
    public required long Delivered { get; init; }

    /// <summary>Stored for these, and waits.</summary>
    public required long Waiting { get; init; }

    /// <summary>Not stored for these: the mailbox, its tenant or Redis is full.</summary>
    public required long Full { get; init; }

    /// <summary>Not stored for these, or unknown: their Redis did not answer, or refused.</summary>
    public required long Failed { get; init; }

    /// <summary>With a TTL of 0: not stored for these, as nobody was there.</summary>
    public long? Absent { get; init; }

    /// <summary>One result for each member reached so far, when they were asked for with the delivery.</summary>
    public IReadOnlyList<DeliverManyResult>? Results { get; init; }

    /// <summary>Where the next page of results begins; absent on the last.</summary>
    public string? Cursor { get; init; }
}
