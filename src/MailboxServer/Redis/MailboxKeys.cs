using System.Globalization;
using Mailbox.Contracts;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>Every key and channel that the server uses, in one place (Redis contract, version 1).</summary>
internal sealed class MailboxKeys(string prefix)
{
    private const string Ticket = ":ticket:";

    /// <summary>Node id → what the node says of itself.</summary>
    public RedisKey Nodes { get; } = prefix + "nodes";

    /// <summary>Which contract the data was written by.</summary>
    public RedisKey Version { get; } = prefix + "version";

    /// <summary>What was revoked before its time.</summary>
    public RedisKey Revocations { get; } = prefix + "revocations";

    /// <summary>The node that counts what tenants hold.</summary>
    public RedisKey TenantLease { get; } = prefix + "~tenants";

    /// <summary>The node that looks through all mailboxes for what shall be told in the mailbox of events.</summary>
    public RedisKey WatchLease { get; } = prefix + "~watch";

    /// <summary>Mailboxes that will end soon, with messages in them.</summary>
    public RedisKey Ending { get; } = prefix + "~ending";

    /// <summary>The names of groups; the score is when each was used last.</summary>
    public RedisKey Groups { get; } = prefix + "groups";

    /// <summary>Names the group that something was put into the outbox of.</summary>
    public RedisChannel GroupsWake { get; } = new(prefix + "groups:wake", RedisChannel.PatternMode.Literal);

    /// <summary>A group's keys, in the order that its scripts take them: all in one cluster slot.</summary>
    public RedisKey[] OfGroup(string group)
    {
        var state = prefix + "group:{" + group + "}";
        return
        [
            state, state + ":members", state + ":outbox", state + ":index", state + ":deliveries", state + ":round", state + ":results",
        ];
    }

    /// <summary>What is counted of a tenant, and the set of its mailboxes: both in one cluster slot.</summary>
    public RedisKey[] OfTenant(string tenant)
    {
        var hash = prefix + "~tenant:{" + tenant + "}";
        return [hash, hash + ":mailboxes"];
    }

    /// <summary>The mailbox's hash, its list and its index: all in one cluster slot.</summary>
    public RedisKey[] Of(string mailbox)
    {
        var hash = prefix + "{" + mailbox + "}";
        return [hash, hash + ":messages", hash + ":index"];
    }

    /// <summary>A ticket to the mailbox, by its hash.</summary>
    public RedisKey TicketOf(string mailbox, string hash) => prefix + "{" + mailbox + "}" + Ticket + hash;

    /// <summary>A list of mailboxes that is to be opened.</summary>
    public RedisKey OpenListOf(string id) => prefix + "~open:" + id;

    public RedisChannel WakeOf(string mailbox) =>
        new(prefix + "{" + mailbox + "}:wake", RedisChannel.PatternMode.Literal);

    /// <summary>
    /// A key that nothing is kept under, for calls that need only be sent to the server that it is on. Within the prefix, as
    /// a node may have no rights elsewhere; the name is one of the system's own.
    /// </summary>
    public RedisKey PlaceOf(int tag) => prefix + "{~" + tag.ToString(CultureInfo.InvariantCulture) + "}";

    /// <summary>Where a node proves that its own wakes arrive.</summary>
    public RedisChannel CanaryOf(string node) => new(prefix + "node:" + node + ":canary", RedisChannel.PatternMode.Literal);

    /// <summary>Matches every key of the mailboxes whose name begins so. Valid names hold no pattern characters.</summary>
    public string PatternOf(string namePrefix) => prefix + "{" + namePrefix + "*}*";

    /// <summary>
    /// The name of the mailbox that this key is part of; null for a ticket, which does not make one, and for what somebody else
    /// keeps under the prefix.
    /// </summary>
    public string? NameOf(string key)
    {
        var end = key.IndexOf('}', StringComparison.Ordinal);
        return end > prefix.Length && key[prefix.Length] == '{' && key[(prefix.Length + 1)..end] is var name && MailboxName.IsValid(name) &&
            !key.AsSpan(end + 1).StartsWith(Ticket, StringComparison.Ordinal)
            ? name
            : null;
    }
}
