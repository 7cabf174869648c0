using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Events;

/// <summary>A Redis and two nodes that tell what happens to mailboxes, and the backend that hears of it.</summary>
internal sealed class EventSite : IAsyncDisposable
{
    /// <summary>Two looks and what a busy machine needs.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);

    private readonly List<SystemEvent> _heard = [];
    private IReceiver _backend = null!;

    private EventSite(RedisServer redis, MailboxNode a, MailboxNode b) => (Redis, A, B) = (redis, a, b);

    public RedisServer Redis { get; }

    public MailboxNode A { get; }

    public MailboxNode B { get; }

    public static async Task<EventSite> StartAsync(params (string Name, string Value)[] settings)
    {
        var redis = await RedisServer.StartAsync();
        (string Name, string Value)[] usual =
        [
            Cluster.Unhurried, ("Mailbox:Events:Enabled", "true"), ("Mailbox:Events:Look", "00:00:01"), ("Mailbox:Heartbeat", "00:00:01"),
            ("Mailbox:Sweep", "00:00:01"),
        ];
        (string, string)[] all = [.. settings, .. usual.ExceptBy(settings.Select(one => one.Name), one => one.Name)];
        var nodes = await Task.WhenAll(redis.StartNodeAsync(all), redis.StartNodeAsync(all));
        var site = new EventSite(redis, nodes[0], nodes[1]);
        site._backend = await site.B.OpenAsync(Way.Ndjson, SystemEvent.Destination);
        return site;
    }

    /// <summary>The next event of this mailbox and kind, whatever was told of others meanwhile.</summary>
    public async Task<SystemEvent> NextAsync(string mailbox, string kind)
    {
        while (true)
        {
            if (_heard.FirstOrDefault(one => one.Mailbox == mailbox && one.Event == kind) is { } found)
            {
                _heard.Remove(found);
                return found;
            }

            var message = await _backend.NextMessageAsync(Wait);
            message.ContentType.ShouldBe("application/json");
            var told = JsonSerializer.Deserialize(message.Body, MailboxJsonContext.Default.SystemEvent)!;
            message.Type.ShouldBe(told.Event);
            _heard.Add(told);
        }
    }

    /// <summary>Until these are known to end soon, with messages in them.</summary>
    public Task UntilNotedAsync(params string[] mailboxes) => Eventually.HoldsAsync(
        async () => await Redis.ExecuteAsync(["HMGET", "mailbox:~ending", .. mailboxes]) is object?[] noted && noted.All(one => one is not null),
        Patience.Long,
        "they are noted");

    /// <summary>What was heard of these mailboxes, and not asked for, before an event that comes later for certain.</summary>
    public async Task<IReadOnlyList<string>> RestAsync(params string[] mailboxes)
    {
        var marker = Names.Fresh("marker");
        await A.PutAsync(marker, """{"timeToLive":12}""");
        await A.DeliverAsync(marker, "x");
        await NextAsync(marker, SystemEvent.Expired); // several looks from now
        return [.. _heard.Where(one => mailboxes.Contains(one.Mailbox)).Select(one => one.Event)];
    }

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        await Task.WhenAll(A.DisposeAsync().AsTask(), B.DisposeAsync().AsTask());
        await Redis.DisposeAsync();
    }
}
