using System.Globalization;
using System.Text;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

/// <summary>One mailbox, by every door of the store: the server's scripts, a bare client, the function, and the raw keys.</summary>
internal sealed class TestMailbox(IMailboxStore store, RedisCli cli, string name)
{
    public const string Prefix = "mailbox:";

    public string Name => name;

    public IMailboxStore Store => store;

    public RedisCli Cli => cli;

    public string Hash { get; } = Prefix + "{" + name + "}";

    public string List => Hash + ":messages";

    public string Index => Hash + ":index";

    public string Wake => Hash + ":wake";

    /// <summary>The same mailbox, seen by a node with other settings.</summary>
    public TestMailbox SeenBy(IMailboxStore other) => new(other, cli, name);

    public async Task<TestMailbox> WithLimitsAsync(
        int? maxMessages = null, long? maxBytes = null, string? overflow = null, long? timeToLive = null)
    {
        await store.ConfigureAsync(
            name,
            new MailboxSettings
            {
                MaxMessages = maxMessages, MaxBytes = maxBytes, Overflow = overflow, TimeToLive = timeToLive,
            },
            CancellationToken.None);
        return this;
    }

    public ValueTask<Delivered> DeliverAsync(
        string body, string? topic = null, long? ttl = null, string? key = null, string? type = null, string? contentType = null) =>
        DeliverAsync(Encoding.UTF8.GetBytes(body), topic, ttl, key, type, contentType);

    public ValueTask<Delivered> DeliverAsync(
        byte[] body, string? topic = null, long? ttl = null, string? key = null, string? type = null, string? contentType = null) =>
        store.DeliverAsync(
            name,
            new Delivery
            {
                Body = body, Topic = topic, TimeToLive = ttl, IdempotencyKey = key, Type = type, ContentType = contentType,
            },
            CancellationToken.None);

    /// <summary>Delivers and expects it to be stored.</summary>
    public async Task<MessageId> StoreAsync(string body, string? topic = null, long? ttl = null, string? key = null)
    {
        var delivered = await DeliverAsync(body, topic, ttl, key);
        delivered.Outcome.ShouldBe(DeliveryOutcome.Stored);
        return delivered.Id;
    }

    public async Task StoreManyAsync(params string[] bodies)
    {
        foreach (var body in bodies)
        {
            await StoreAsync(body);
        }
    }

    /// <summary>A bare delivery, exactly as the contract writes it.</summary>
    public Task BareAsync(object body, long ttl = 86_400) => cli.ExecuteManyAsync(
        [
            ["MULTI"],
            ["RPUSH", List, body],
            ["EXPIRE", List, ttl, "NX"],
            ["PUBLISH", Wake, "1"],
            ["EXEC"],
        ]);

    public async Task BareManyAsync(params object[] bodies)
    {
        foreach (var body in bodies)
        {
            await BareAsync(body);
        }
    }

    /// <summary>The full delivery of any language. The reply's values as text.</summary>
    public async Task<string[]> FunctionAsync(object body, params string[] options)
    {
        var reply = await cli.ExecuteAsync(["FCALL", "mailbox_deliver", 3, Hash, List, Index, body, .. options]);
        return [.. ((object?[])reply!).Select(value => RedisCli.TextOf(value)!)];
    }

    /// <summary>The id that a stored function delivery answers with.</summary>
    public static MessageId IdOf(string[] reply)
    {
        MessageId.TryParse($"{reply[1]}-{reply[2]}", out var id).ShouldBeTrue();
        return id;
    }

    public async Task<TestReceiver> OpenAsync(
        StartAt start = StartAt.Oldest,
        AckMode ack = AckMode.Client,
        int window = 100,
        bool shared = false,
        Cursor? cursor = null,
        Identifier receiver = default)
    {
        var opened = new TestReceiver(this, ack, window, shared, cursor?.Receiver ?? receiver);
        await opened.OpenAsync(cursor is null ? start : StartAt.Cursor, cursor?.Position ?? default);
        return opened;
    }

    public async Task<string[]> PeekAsync(long after = 0, int limit = 1000) =>
        TestReceiver.BodiesOf((await PeekEntriesAsync(after, limit)).Entries);

    public ValueTask<Peeked> PeekEntriesAsync(long after = 0, int limit = 1000, Identifier generation = default) =>
        store.PeekAsync(name, PeekRequest.Behind(new MessageId(generation, after), limit), CancellationToken.None);

    /// <summary>Null when the id names nothing.</summary>
    public async Task<string?> ReadAsync(MessageId id) =>
        TestReceiver.BodiesOf((await store.PeekAsync(name, PeekRequest.Of(id), CancellationToken.None)).Entries).SingleOrDefault();

    public ValueTask<bool> TakeBackAsync(MessageId id) => store.TakeBackAsync(name, id, CancellationToken.None);

    public ValueTask<AckOutcome> AckAsync(Cursor cursor) => store.AckAsync(name, cursor, CancellationToken.None);

    public async Task<MailboxInfo> InfoAsync() =>
        (await store.GetInfoAsync(name, CancellationToken.None)).ShouldNotBeNull();

    public async Task<byte[][]> EntriesAsync() =>
        [.. ((object?[])(await cli.ExecuteAsync("LRANGE", List, 0, -1))!).Select(entry => (byte[])entry!)];

    public async Task<long> LengthAsync() => (long)(await cli.ExecuteAsync("LLEN", List))!;

    public Task<string?> FieldAsync(string field) => cli.TextAsync("HGET", Hash, field);

    public async Task<long> NumberAsync(string field) =>
        long.Parse(await FieldAsync(field) ?? "0", CultureInfo.InvariantCulture);

    public async Task<bool> ExistsAsync() => (long)(await cli.ExecuteAsync("EXISTS", Hash, List, Index))! > 0;

    /// <summary>The absolute deadlines of hash, list and index, in ms; -2 for a key that is not there.</summary>
    public async Task<long[]> DeadlinesAsync() =>
    [
        .. (await cli.ExecuteManyAsync([["PEXPIRETIME", Hash], ["PEXPIRETIME", List], ["PEXPIRETIME", Index]]))
            .Select(reply => (long)reply!),
    ];

    /// <summary>Every key that is there ends when the hash says so.</summary>
    public async Task ShouldHaveOneDeadlineAsync()
    {
        var deadlines = await DeadlinesAsync();
        var deadline = await NumberAsync("deadline");
        deadlines[0].ShouldBe(deadline);
        deadlines[1].ShouldBeOneOf(-2, deadline);
        deadlines[2].ShouldBeOneOf(-2, deadline);
    }

    /// <summary>What the hash counts is what the list holds.</summary>
    public async Task ShouldCountRightAsync()
    {
        var info = await InfoAsync();
        var entries = await EntriesAsync();
        entries.LongLength.ShouldBe(info.Last - info.First + 1);
        var live = entries.Where(entry => !Entries.IsTombstone(entry)).ToArray();
        info.Messages.ShouldBe(live.Length);
        info.Bytes.ShouldBe(live.Sum(Entries.WeightOf));
    }

    /// <summary>What Redis has of it now, for <see cref="FallBackAsync"/>.</summary>
    public async Task<(string Key, byte[]? Dump)[]> KeepAsync()
    {
        string[] keys = [Hash, List, Index];
        var dumps = await cli.ExecuteManyAsync([.. keys.Select(key => new object[] { "DUMP", key })]);
        return [.. keys.Zip(dumps, (key, dump) => (key, (byte[]?)dump))];
    }

    /// <summary>What a replica had that was promoted before it got the newest writes.</summary>
    public async Task FallBackAsync((string Key, byte[]? Dump)[] kept)
    {
        foreach (var (key, dump) in kept)
        {
            await cli.ExecuteAsync(dump is null ? ["DEL", key] : ["RESTORE", key, 600_000, dump, "REPLACE"]);
        }
    }

    /// <summary>As if what is there had been written by another server than this: before a restart or a failover.</summary>
    public async Task BecomeAnotherServerAsync()
    {
        if (await FieldAsync("era") is { Length: > 0 })
        {
            await cli.ExecuteAsync("HSET", Hash, "era", Identifier.Random());
        }
    }

    public async Task<DateTimeOffset> NowAsync() => DateTimeOffset.FromUnixTimeMilliseconds(await NowMillisecondsAsync());

    /// <summary>Redis's clock.</summary>
    public async Task<long> NowMillisecondsAsync()
    {
        var time = (object?[])(await cli.ExecuteAsync("TIME"))!;
        return (long.Parse(RedisCli.TextOf(time[0])!, CultureInfo.InvariantCulture) * 1000) +
            (long.Parse(RedisCli.TextOf(time[1])!, CultureInfo.InvariantCulture) / 1000);
    }

    /// <summary>Waits until Redis's clock has passed this.</summary>
    public async Task WaitUntilAsync(long milliseconds)
    {
        while (await NowMillisecondsAsync() is var now && now <= milliseconds)
        {
            await Task.Delay((int)Math.Clamp(milliseconds - now + 1, 1, 1000));
        }
    }
}
