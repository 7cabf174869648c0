using System.Collections.Concurrent;
using System.Globalization;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Looks for what no session can tell: mailboxes that ended with messages in them, messages that wait for an ack, receivers
/// whose node died. What will end soon is noted in Redis, so that the next node to look, whichever it is, finds it gone.
/// </summary>
internal sealed class MailboxWatch(
    RedisConnection connection, RedisScripts scripts, RedisMailboxStore store, EventReporter reporter, MailboxKeys keys, Node node,
    MailboxOptions options, ILogger<MailboxWatch> logger)
    : MailboxRound(connection, store, keys.WatchLease, options.Events.Look, node, logger)
{
    private const int AtOnce = 16;
    private const int MostEnding = 10_000;

    private readonly RedisConnection _connection = connection;
    private readonly RedisMailboxStore _store = store;
    private readonly MailboxKeys _keys = keys;
    private readonly TimeSpan _soon = options.Events.Look * 3;
    private readonly TimeSpan _unacknowledged = options.Events.Unacknowledged;

    /// <summary>What was told in the last round, and what is told in this one: a message or a lost receiver is told of once.</summary>
    private ConcurrentDictionary<string, bool> _told = new();
    private ConcurrentDictionary<string, bool> _telling = new();

    protected override Task BeginAsync(CancellationToken cancellation)
    {
        (_told, _telling) = (_telling, new ConcurrentDictionary<string, bool>());
        return Task.CompletedTask;
    }

    protected override async Task LookAtAsync(IReadOnlyList<string> mailboxes, CancellationToken cancellation)
    {
        foreach (var some in mailboxes.Where(name => !MailboxName.IsSystem(name)).Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(name => LookAtAsync(name, cancellation)));
        }
    }

    /// <summary>What was to end by now, and is gone.</summary>
    protected override async Task EndAsync(CancellationToken cancellation)
    {
        foreach (var ending in await _connection.CallAsync(_keys.Ending, database => database.HashGetAllAsync(_keys.Ending), cancellation))
        {
            var (name, noted) = (ending.Name.ToString(), Ending.Parse(ending.Value.ToString()));
            var (now, found) = await LookUpAsync(name, cancellation);
            if (found is { Waiting: > 0 } state && state.Generation == noted?.Generation && state.Deadline - now < _soon)
            {
                continue;
            }

            // Emptied, renewed, or removed by somebody before its time: nothing to tell.
            if (noted is { } gone && found?.Generation != gone.Generation && gone.Deadline <= now)
            {
                await reporter.TellAsync(
                    new SystemEvent { Event = SystemEvent.Expired, Mailbox = name, Time = gone.Deadline, Waiting = gone.Waiting },
                    $"expired:{name}:{gone.Generation}",
                    cancellation);
            }

            await _connection.CallAsync(_keys.Ending, database => database.HashDeleteAsync(_keys.Ending, name), cancellation);
        }
    }

    private async Task LookAtAsync(string name, CancellationToken cancellation)
    {
        var (now, found) = await LookUpAsync(name, cancellation);
        if (found is not { } state)
        {
            return;
        }

        if (state.Lease > DateTimeOffset.UnixEpoch && state.Lease <= now)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"lost:{name}:{state.Epoch}");
            await TellOnceAsync(
                new SystemEvent { Event = SystemEvent.Closed, Mailbox = name, Time = state.Lease, Reason = "lost" }, key, cancellation);
        }

        if (state.Waiting > 0 && state.Deadline - now < _soon)
        {
            await NoteEndingAsync(name, new Ending(state.Deadline, state.Waiting, state.Generation), cancellation);
        }

        if (state.Waiting > 0 && _unacknowledged > TimeSpan.Zero && await OldestAsync(name, state, cancellation) is { Time: { } time } oldest &&
            now - time >= _unacknowledged)
        {
            await TellOnceAsync(
                new SystemEvent { Event = SystemEvent.Unacknowledged, Mailbox = name, Time = time, Id = oldest.Id.ToString() },
                $"unacknowledged:{name}:{oldest.Id}",
                cancellation);
        }
    }

    private async Task TellOnceAsync(SystemEvent happened, string key, CancellationToken cancellation)
    {
        if (!_told.ContainsKey(key))
        {
            await reporter.TellAsync(happened, key, cancellation);
        }

        _telling[key] = true;
    }

    private ValueTask<bool> NoteEndingAsync(string name, Ending ending, CancellationToken cancellation) => _connection.CallAsync(
        _keys.Ending,
        async database =>
        {
            if (await database.HashLengthAsync(_keys.Ending) < MostEnding)
            {
                await database.HashSetAsync(_keys.Ending, name, ending.ToString());
            }

            return await database.KeyExpireAsync(_keys.Ending, _soon + TimeSpan.FromDays(1));
        },
        cancellation);

    /// <summary>The first message behind what was flushed. A bare one has no time, and is never too old.</summary>
    private async ValueTask<Message?> OldestAsync(string name, State state, CancellationToken cancellation)
    {
        var peeked = await _store.PeekAsync(name, new PeekRequest(default, state.Flushed, 10, 0), cancellation);
        return peeked.Entries.FirstOrDefault(entry => entry.Kind == EntryKind.Message).Message;
    }

    /// <summary>Now by Redis's clock, by which its keys end; and the mailbox, if it is there.</summary>
    private async ValueTask<(DateTimeOffset Now, State? Found)> LookUpAsync(string name, CancellationToken cancellation)
    {
        var reply = new RedisReply(await _connection.RunAsync(scripts.Watch, _keys.Of(name), [Identifier.Random().ToString()], cancellation));
        var now = reply.NextTime();
        return (now, reply.Left == 0
            ? null
            : new State(reply.NextText(), reply.NextTime(), reply.NextNumber(), reply.NextTime(), reply.NextNumber(), reply.NextNumber()));
    }

    private readonly record struct State(
        string Generation, DateTimeOffset Deadline, long Epoch, DateTimeOffset Lease, long Flushed, long Waiting);

    /// <summary>As it is noted: <c>deadline waiting generation</c>.</summary>
    private readonly record struct Ending(DateTimeOffset Deadline, long Waiting, string Generation)
    {
        public static Ending? Parse(string text) =>
            text.Split(' ') is [var deadline, var waiting, var generation] &&
            long.TryParse(deadline, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() &&
            long.TryParse(waiting, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? new Ending(DateTimeOffset.FromUnixTimeMilliseconds(at), count, generation)
                : null;

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{Deadline.ToUnixTimeMilliseconds()} {Waiting} {Generation}");
    }
}
