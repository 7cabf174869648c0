using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Mailboxes in Redis: a hash with the numbering, the fence and the limits, a list of entries, and an index of idempotency
/// keys and topics, all in one cluster slot and with one deadline. Each call is one script; its file tells the order of
/// arguments and replies.
/// </summary>
internal sealed partial class RedisMailboxStore(
    RedisConnection connection, RedisScripts scripts, MailboxKeys keys, Node node, MailboxOptions options, ILogger<RedisMailboxStore> logger)
    : IMailboxStore
{
    /// <summary>A reply stays far below what a client connection may buffer.</summary>
    private const int MaxReplyBytes = 256 * 1024;

    private readonly DeliveryBatches _deliveries = new(connection, scripts, options.Redis.Deadline);
    private readonly MailboxListing _listing = new(connection, scripts, keys);
    private readonly RedisValue _lease = (long)options.Lease.TotalMilliseconds;

    public async ValueTask<Delivered> DeliverAsync(string mailbox, Delivery delivery, CancellationToken cancellation)
    {
        var arguments = new List<RedisValue>(19)
        {
            BytesOf(delivery.Body), "nonce", Fresh(), "generation", Fresh(),
        };
        Add("type", delivery.Type);
        Add("contentType", delivery.ContentType);
        Add("traceparent", delivery.Trace?.Parent);
        Add("tracestate", delivery.Trace?.State);
        Add("topic", delivery.Topic);
        Add("ttl", delivery.TimeToLive?.ToString(CultureInfo.InvariantCulture));
        if (delivery.IdempotencyKey is { } key)
        {
            Add("idempotencyKey", key);
#pragma warning disable CA5350 // The function has only SHA-1, and the same body must give the same digest there.
            Add("digest", Convert.ToHexStringLower(SHA1.HashData(delivery.Body.Span)));
#pragma warning restore CA5350
        }

        var reply = await _deliveries.RunAsync(keys.Of(mailbox), [.. arguments], cancellation);
        var outcome = reply.NextText() switch
        {
            "stored" => DeliveryOutcome.Stored,
            "replayed" => DeliveryOutcome.Replayed,
            "absent" => DeliveryOutcome.Absent,
            "full" => DeliveryOutcome.Full,
            "conflict" => DeliveryOutcome.Conflict,
            var other => throw new StoreException(StoreFault.Unavailable, $"deliver.lua answered '{other}'."),
        };
        var id = new MessageId(reply.NextIdentifier(), reply.NextSequence());
        var (isPresent, expires, ttl) = (reply.NextFlag(), reply.NextTime(), reply.NextNumber());
        if (reply.Left > 0)
        {
            reply.NextLeft(); // the short way removes nothing, and does not say so
        }

        return new Delivered(outcome, id, isPresent, expires, ttl < 0 ? null : ttl);

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                arguments.Add(name);
                arguments.Add(value);
            }
        }
    }

    public async ValueTask<Opened> OpenAsync(string mailbox, OpenRequest request, CancellationToken cancellation)
    {
        var mode = request.IsShared ? "shared" : request.IsReopen ? "reopen" : "receiver";
        var where = request.Start switch { StartAt.Oldest => "oldest", StartAt.Now => "now", _ => "cursor" };
        var reply = await RunAsync(
            scripts.Open,
            mailbox,
            [
                mode, request.Receiver.ToString(), request.Fence.Owner.ToString(), _lease, NameOf(request.Ack),
                request.Fence.Epoch, Fresh(), where, request.Position.Generation.ToString(), request.Position.Sequence,
                request.Position.Check.ToString(), request.Window, $"{node.Id} {request.Transport}",
            ],
            cancellation);
        var isRefused = reply.NextText() == "refused";
        _ = reply.NextTime();
        var epoch = reply.NextNumber();
        var position = NextPosition(ref reply);
        var (reset, gap) = (reply.NextReset(), reply.NextGap());
        reply.NextLeft();
        return new Opened(isRefused, epoch, position, reset, gap);
    }

    public async ValueTask<Taken> TakeAsync(string mailbox, TakeRequest request, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var reply = await RunAsync(
            scripts.Take,
            mailbox,
            [
                request.IsShared ? "shared" : "receiver", request.Fence.Epoch, request.Fence.Owner.ToString(), _lease, Fresh(),
                request.Position.Generation.ToString(), request.Position.Sequence, request.Position.Check.ToString(),
                NameOf(request.Ack), request.Window, request.Began, request.MaxMessages, MaxReplyBytes,
            ],
            cancellation);
        switch (reply.NextText())
        {
            case "reopen":
                return new Taken(TakeOutcome.Reopen, default, default, null, null, false, []);
            case "replaced":
                return new Taken(TakeOutcome.Replaced, reply.NextIdentifier(), default, null, null, false, []);
        }

        var now = reply.NextTime();
        StoreClock.Shared.Hear(now, Stopwatch.GetElapsedTime(began));
        var position = NextPosition(ref reply);
        var (reset, gap, again) = (reply.NextReset(), reply.NextGap(), reply.NextFlag());
        reply.NextLeft();
        var entries = NextEntries(ref reply, position.Generation, position.Sequence + 1, now);
        foreach (var entry in entries.Where(entry => entry is { Kind: EntryKind.Malformed, IsStored: true }))
        {
            await QuarantineAsync(mailbox, entry.Position, cancellation);
        }

        return new Taken(TakeOutcome.Taken, default, position, reset, gap, again, entries);
    }

    public async ValueTask<AckOutcome> AckAsync(string mailbox, Cursor cursor, CancellationToken cancellation)
    {
        var position = cursor.Position;
        var result = await connection.RunAsync(
            scripts.Ack,
            keys.Of(mailbox),
            [
                position.Generation.ToString(), position.Sequence, position.Check.ToString(), cursor.Receiver.ToString(),
                Fresh(),
            ],
            cancellation);
        // `acked`, and what left by it
        var text = ((string?)result ?? "").Split(' ', 2);
        RedisReply.CountLeft(text is [_, var left] ? left : "");
        var outcome = text[0] switch
        {
            "acked" => AckOutcome.Acked,
            "receiver" => AckOutcome.NotReceiver,
            "beyond" => AckOutcome.BeyondSent,
            _ => AckOutcome.Stale,
        };
        NodeMetrics.Ack(outcome);
        return outcome;
    }

    public async ValueTask LeaveAsync(string mailbox, LeaveRequest request, CancellationToken cancellation) =>
        await connection.RunAsync(
            scripts.Leave,
            keys.Of(mailbox),
            [
                request.Fence.Epoch, request.Fence.Owner.ToString(), request.IsFlushed ? 1 : 0,
                request.Position.Generation.ToString(), request.Position.Sequence, request.KeepsLease ? _lease : 0, Fresh(),
            ],
            cancellation);

    public async ValueTask<Peeked> PeekAsync(string mailbox, PeekRequest request, CancellationToken cancellation)
    {
        var reply = await RunAsync(
            scripts.Peek,
            mailbox,
            [request.Generation.ToString(), request.After, request.Limit, MaxReplyBytes, Fresh(), request.Named],
            cancellation);
        switch (reply.NextText())
        {
            case "none":
                return new Peeked(PeekOutcome.NoMailbox, [], false);
            case "stale":
                return new Peeked(PeekOutcome.Stale, [], false);
        }

        var (now, generation, first) = (reply.NextTime(), reply.NextIdentifier(), reply.NextNumber());
        _ = reply.NextNumber();
        var hasMore = reply.NextFlag();
        return new Peeked(PeekOutcome.Peeked, NextEntries(ref reply, generation, first, now), hasMore);
    }

    public ValueTask<bool> TakeBackAsync(string mailbox, MessageId id, CancellationToken cancellation) =>
        RemoveOneAsync(mailbox, id.Generation, id.Sequence, "takenBack", cancellation);

    public async ValueTask<bool> ConfigureAsync(string mailbox, MailboxSettings settings, CancellationToken cancellation)
    {
        var milliseconds = settings with { TimeToLive = settings.TimeToLive * 1000 };
        var json = JsonSerializer.Serialize(milliseconds, MailboxJsonContext.Default.MailboxSettings);
        return (long)await connection.RunAsync(scripts.Configure, keys.Of(mailbox), [json, Fresh()], cancellation) == 1;
    }

    public async ValueTask<MailboxInfo?> GetInfoAsync(string mailbox, CancellationToken cancellation)
    {
        var reply = await RunAsync(scripts.Info, mailbox, [Fresh()], cancellation);
        if (reply.IsEmpty)
        {
            return null;
        }

        var now = reply.NextNumber();
        var info = new MailboxInfo
        {
            Mailbox = mailbox,
            Generation = reply.NextText(),
            First = reply.NextNumber(),
            Last = reply.NextNumber(),
            Sent = reply.NextNumber(),
            Flushed = reply.NextNumber(),
            Messages = reply.NextNumber(),
            Bytes = reply.NextNumber(),
            Expires = reply.NextTime(),
            Epoch = reply.NextNumber(),
            Receiver = reply.NextText() is { Length: > 0 } receiver ? receiver : null,
            Connected = reply.NextNumber() > now,
            Limits = new MailboxSettings(),
        };
        var limits = new MailboxSettings
        {
            MaxMessages = (int)Math.Min(reply.NextNumber(), int.MaxValue),
            MaxBytes = reply.NextNumber(),
            Overflow = reply.NextText(),
            TimeToLive = reply.NextNumber() / 1000,
        };
        return WithHolder(info with { Limits = limits }, reply.NextText());
    }

    public async ValueTask<bool> DismissAsync(string mailbox, CancellationToken cancellation) =>
        (long)await connection.RunAsync(scripts.Dismiss, keys.Of(mailbox), [Fresh()], cancellation) == 1;

    public async ValueTask<bool> RemoveAsync(string mailbox, CancellationToken cancellation) =>
        (long)await connection.RunAsync(scripts.Remove, keys.Of(mailbox), [], cancellation) == 1;

    public ValueTask<MailboxList> ListAsync(string prefix, string? cursor, CancellationToken cancellation) =>
        _listing.ListAsync(prefix, cursor, cancellation);

    /// <summary>What is no message leaves the list and the window; the gap that tells of it is kept by its tombstone.</summary>
    private async Task QuarantineAsync(string mailbox, Position position, CancellationToken cancellation)
    {
        Log.Quarantined(logger);
        try
        {
            await RemoveOneAsync(mailbox, position.Generation, position.Sequence, "malformed", cancellation);
        }
        catch (StoreException)
        {
            // It is still there, and found again by the next take.
        }
    }

    private async ValueTask<bool> RemoveOneAsync(
        string mailbox, Identifier generation, long sequence, string reason, CancellationToken cancellation)
    {
        var isRemoved = (long)await connection.RunAsync(
            scripts.TakeBack, keys.Of(mailbox), [generation.ToString(), sequence, Fresh(), reason], cancellation) == 1;
        NodeMetrics.Remove(reason, isRemoved ? 1 : 0);
        return isRemoved;
    }

    /// <summary>What an older node opened says nothing of itself, and what stands there is of an open before.</summary>
    private static MailboxInfo WithHolder(MailboxInfo info, string holder) =>
        info.Connected && holder.Split(' ') is [var epoch, var node, var transport, var since] &&
        epoch == info.Epoch.ToString(CultureInfo.InvariantCulture) &&
        long.TryParse(since, NumberStyles.None, CultureInfo.InvariantCulture, out var time) && time <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? info with { Node = node, Transport = transport, Since = DateTimeOffset.FromUnixTimeMilliseconds(time) }
            : info;

    private static string Fresh() => Identifier.Random().ToString();

    private static string NameOf(AckMode ack) => ack == AckMode.Client ? "client" : "none";

    private static RedisValue BytesOf(ReadOnlyMemory<byte> body) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(body, out var segment) && segment.Offset == 0 &&
        segment.Count == segment.Array!.Length
            ? segment.Array
            : body.ToArray();

    private static Position NextPosition(ref RedisReply reply) =>
        new(reply.NextIdentifier(), reply.NextNumber(), reply.NextIdentifier());

    private static List<Entry> NextEntries(ref RedisReply reply, Identifier generation, long sequence, DateTimeOffset now)
    {
        var entries = new List<Entry>(reply.Left);
        while (reply.Left > 0)
        {
            entries.Add(EntryDecoder.Decode(reply.NextBytes(), generation, sequence++, now));
        }

        return entries;
    }

    private async ValueTask<RedisReply> RunAsync(
        RedisScript script, string mailbox, RedisValue[] arguments, CancellationToken cancellation) =>
        new(await connection.RunAsync(script, keys.Of(mailbox), arguments, cancellation));

    private static partial class Log
    {
        [LoggerMessage(1401, LogLevel.Warning, "An entry in a mailbox's list is no message; it is put in quarantine and its receiver is told.")]
        public static partial void Quarantined(ILogger logger);
    }
}
