using System.Globalization;
using System.Security.Cryptography;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Groups in Redis: each in keys of its own, in one cluster slot, beside one list of all groups' names. Each script's file tells
/// the order of arguments and replies.
/// </summary>
internal sealed class RedisGroupStore(RedisConnection connection, RedisScripts scripts, MailboxKeys keys, Node node, MailboxOptions options)
    : IGroupStore
{
    private const int Members = 1;
    private const int Outbox = 2;
    private const int Deliveries = 4;
    private const int NamesOfOneTurn = 250;
    private const int NamesOfOnePage = 1_000;
    private const int PagesOfOneAnswer = 4;
    private const int GroupsAtOnce = 256;

    /// <summary>A group that nobody is in, and nothing is in, is looked at for this long.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    private readonly RedisValue _lease = (long)(options.Redis.Deadline * 5).TotalMilliseconds;

    /// <summary>However short a mailbox's life is, what was accepted for a group waits until a node can take it.</summary>
    private readonly RedisValue _life = (long)Math.Max(options.TimeToLive.TotalMilliseconds, Forgotten.TotalMilliseconds);

    public async ValueTask<GroupJoined> JoinAsync(string group, string mailbox, TimeSpan? life, CancellationToken cancellation)
    {
        await NoteAsync(group, cancellation);
        var reply = await RunAsync(
            scripts.GroupJoin,
            group,
            [mailbox, life is { } limited ? (long)limited.TotalMilliseconds : "", options.Limits.MembersPerGroup],
            cancellation);
        var outcome = reply.NextText() switch
        {
            "joined" => GroupJoinOutcome.Joined,
            "renewed" => GroupJoinOutcome.Renewed,
            _ => GroupJoinOutcome.Full,
        };
        return new GroupJoined(outcome, TimeOf(reply.NextNumber()));
    }

    public ValueTask<bool> LeaveAsync(string group, string mailbox, CancellationToken cancellation)
    {
        var members = keys.OfGroup(group)[Members];
        return connection.CallAsync(members, database => database.SortedSetRemoveAsync(members, mailbox), cancellation);
    }

    public async ValueTask<GroupInfo?> ReadAsync(string group, string? cursor, int limit, CancellationToken cancellation)
    {
        var of = keys.OfGroup(group);
        var from = PlaceOf(cursor);
        var time = (RedisValue[])(await connection.CallAsync(database => database.ExecuteAsync("TIME"), cancellation))!;
        var now = (long)time[0] * 1_000; // this node's own clock may be off
        var members = await connection.CallAsync(
            of[Members], database => database.SortedSetLengthAsync(of[Members], now, flags: CommandFlags.DemandMaster), cancellation);
        var waiting = await connection.CallAsync(
            of[Outbox], database => database.ListLengthAsync(of[Outbox], CommandFlags.DemandMaster), cancellation);
        if (members == 0 && waiting == 0)
        {
            return null;
        }

        var page = (RedisResult[])(await connection.CallAsync(
            of[Members],
            database => database.ExecuteAsync(
                "ZSCAN", [of[Members], from, "COUNT", limit], CommandFlags.DemandMaster),
            cancellation))!;
        var next = (string)page[0]!;
        return new GroupInfo
        {
            Group = group,
            Members = members,
            Outbox = waiting,
            Page = [.. MembersOf((RedisValue[])page[1]!, now)],
            Cursor = next == "0" ? null : next,
        };
    }

    public async ValueTask<GroupList> ListAsync(string prefix, string? cursor, CancellationToken cancellation)
    {
        var from = PlaceOf(cursor);
        var page = (RedisResult[])(await connection.CallAsync(
            keys.Groups,
            database => database.ExecuteAsync(
                "ZSCAN", [keys.Groups, from, "MATCH", prefix + "*", "COUNT", NamesOfOnePage], CommandFlags.DemandMaster),
            cancellation))!;
        var next = (string)page[0]!;
        var names = ((string[])page[1]!).Where((name, i) => i % 2 == 0 && MailboxName.IsValid(name)).Order(StringComparer.Ordinal);
        return new GroupList([.. names], next == "0" ? null : next);
    }

    public async ValueTask RemoveAsync(string group, CancellationToken cancellation)
    {
        var of = keys.OfGroup(group);
        await connection.CallAsync(of[0], database => database.KeyDeleteAsync(of), cancellation);
    }

    public async ValueTask<GroupAccepted> DeliverAsync(string group, Delivery delivery, bool keepsResults, CancellationToken cancellation)
    {
        await NoteAsync(group, cancellation);
#pragma warning disable CA5350 // As for a mailbox: it tells bodies apart, it protects nothing.
        var digest = delivery.IdempotencyKey is null ? "" : Convert.ToHexStringLower(SHA1.HashData(delivery.Body.Span));
#pragma warning restore CA5350
        var arguments = new List<RedisValue>
        {
            delivery.Body.ToArray(), Identifier.Random().ToString(), digest, _life, options.MaxMessages, options.MaxBytes, keepsResults ? "1" : "0",
        };
        Add("type", delivery.Type);
        Add("contentType", delivery.ContentType);
        Add("topic", delivery.Topic);
        Add("ttl", delivery.TimeToLive?.ToString(CultureInfo.InvariantCulture));
        Add("idempotencyKey", delivery.IdempotencyKey);
        var reply = await RunAsync(scripts.GroupDeliver, group, [.. arguments], cancellation);
        var outcome = reply.NextText() switch
        {
            "stored" => DeliveryOutcome.Stored,
            "replayed" => DeliveryOutcome.Replayed,
            "full" => DeliveryOutcome.Full,
            _ => DeliveryOutcome.Conflict,
        };
        return new GroupAccepted(outcome, reply.NextText());

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                arguments.Add(name);
                arguments.Add(value);
            }
        }
    }

    public async ValueTask<GroupState?> FindAsync(string group, string id, CancellationToken cancellation)
    {
        var of = keys.OfGroup(group);
        RedisValue[] fields = ["id", "delivered", "waiting", "full", "failed", "absent"];
        var counts = await connection.CallAsync(of[0], database => database.HashGetAsync(of[0], fields, CommandFlags.DemandMaster), cancellation);
        var text = (string?)await connection.CallAsync(
            of[Deliveries], database => database.HashGetAsync(of[Deliveries], id, CommandFlags.DemandMaster), cancellation);
        if (text?.Split(' ') is not [_, var state, .. { Length: 6 } numbers])
        {
            return null;
        }

        var members = NumberOf(numbers[0]);
        var tally = state == GroupDeliveryStates.UnderWay && counts[0] == id
            ? TallyOf([.. counts.Skip(1).Select(count => NumberOf(count))])
            : TallyOf([.. numbers.Skip(1).Select(number => NumberOf(number))]);
        return new GroupState(state, members, tally);
    }

    public async ValueTask<GroupResults> ResultsAsync(string group, string id, int pages, CancellationToken cancellation)
    {
        var reply = new RedisReply(await connection.RunAsync(
            scripts.GroupResults, [keys.OfGroup(group)[^1]], [id, pages, PagesOfOneAnswer], cancellation));
        var hasMore = reply.NextFlag();
        var read = reply.Left;
        var results = new List<GroupMemberResult>();
        while (reply.Left > 0)
        {
            results.AddRange(GroupResultLines.Read(reply.NextText()));
        }

        return new GroupResults(results, read, hasMore);
    }

    public async ValueTask<GroupTurn> TurnAsync(string group, GroupDone? done, CancellationToken cancellation)
    {
        var tally = done?.Tally ?? default;
        var reply = await RunAsync(
            scripts.GroupRound,
            group,
            [
                node.Id, _lease, NamesOfOneTurn, Identifier.Random().ToString(), _life, done?.Turn.Id ?? "", done?.Turn.Left ?? 0,
                done?.Turn.Names.Count ?? 0, tally.Delivered, tally.Waiting, tally.Full, tally.Failed, tally.Absent, done?.GivenUp ?? "",
                done is { Results.Count: > 0 } ? GroupResultLines.Write(done.Results) : "",
            ],
            cancellation);
        switch (reply.NextText())
        {
            case "none":
                return new GroupTurn(GroupTurnKind.Nothing);
            case "busy":
                return new GroupTurn(GroupTurnKind.Busy) { Wait = TimeSpan.FromMilliseconds(reply.NextNumber()) };
            case "done":
                return new GroupTurn(GroupTurnKind.Done) { Id = reply.NextText() };
            case "members":
                var (id, left, now, entry) = (reply.NextText(), reply.NextNumber(), reply.NextTime(), reply.NextBytes());
                var names = new List<string>(reply.Left);
                while (reply.Left > 0)
                {
                    names.Add(reply.NextText());
                }

                var message = entry.Length > 0 ? GroupEntry.Decode(group, entry, options.MaxMessageBytes) : null;
                return new GroupTurn(GroupTurnKind.Members) { Id = id, Left = left, Now = now, Message = message, Names = names };
            default:
                return new GroupTurn(GroupTurnKind.Lost);
        }
    }

    public async ValueTask YieldAsync(string group, CancellationToken cancellation) =>
        await connection.RunAsync(scripts.GroupYield, keys.OfGroup(group), [node.Id], cancellation);

    public async ValueTask<IReadOnlyList<string>> WaitingAsync(CancellationToken cancellation)
    {
        var waiting = new List<string>();
        for (var from = 0L; ; from += GroupsAtOnce)
        {
            // The one that was used last comes first: one that is used meanwhile may come twice, and is not passed over.
            var first = from;
            var names = await connection.CallAsync(
                keys.Groups,
                database => database.SortedSetRangeByRankAsync(
                    keys.Groups, first, first + GroupsAtOnce - 1, Order.Descending, CommandFlags.DemandMaster),
                cancellation);
            var known = names.Select(name => (string)name!).Where(name => MailboxName.IsValid(name));
            waiting.AddRange((await Task.WhenAll(known.Select(name => LookAsync(name, cancellation)))).OfType<string>());
            if (names.Length < GroupsAtOnce)
            {
                return waiting;
            }
        }
    }

    /// <summary>The name, if something waits there. A cluster's silent primary hides only its own groups.</summary>
    private async Task<string?> LookAsync(string group, CancellationToken cancellation)
    {
        var of = keys.OfGroup(group);
        try
        {
            if (await connection.CallAsync(of[Outbox], database => database.ListLengthAsync(of[Outbox], CommandFlags.DemandMaster), cancellation) > 0)
            {
                return group;
            }

            if (!await connection.CallAsync(of[Members], database => database.KeyExistsAsync(of[Members], CommandFlags.DemandMaster), cancellation))
            {
                await connection.RunAsync(
                    scripts.GroupForget, [keys.Groups], [group, (DateTimeOffset.UtcNow - Forgotten).ToUnixTimeMilliseconds()], cancellation);
            }
        }
        catch (StoreException)
        {
            // With the next sweep.
        }

        return null;
    }

    /// <summary>Before anything is put there: a group that is not listed is not found again after a lost wake.</summary>
    private ValueTask<bool> NoteAsync(string group, CancellationToken cancellation) => connection.CallAsync(
        keys.Groups,
        database => database.SortedSetAddAsync(keys.Groups, group, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()),
        cancellation);

    /// <summary>Redis's own cursor is an unsigned number of 64 bits.</summary>
    private static string PlaceOf(string? cursor) =>
        ulong.TryParse(cursor ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? place.ToString(CultureInfo.InvariantCulture)
            : throw new FormatException("Not a cursor of this call.");

    private async ValueTask<RedisReply> RunAsync(
        RedisScript script, string group, RedisValue[] arguments, CancellationToken cancellation) =>
        new(await connection.RunAsync(script, keys.OfGroup(group), arguments, cancellation));

    private static IEnumerable<GroupMember> MembersOf(RedisValue[] pairs, long now)
    {
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            var ends = (double)pairs[i + 1];
            if (ends > now)
            {
                yield return new GroupMember((string)pairs[i]!, double.IsInfinity(ends) ? null : TimeOf((long)ends));
            }
        }
    }

    private static GroupTally TallyOf(long[] counts) => new(counts[0], counts[1], counts[2], counts[3], counts[4]);

    private static long NumberOf(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static DateTimeOffset? TimeOf(long milliseconds) =>
        milliseconds is > 0 and <= 253_402_300_799_999 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
}
