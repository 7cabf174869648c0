using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Many;

/// <summary>Opens several mailboxes on one connection, and reads what it says of each.</summary>
internal static class ManyCalls
{
    public static Way[] Ways { get; } = [Way.Sse, Way.Ndjson, Way.WebSocket, Way.WebSocketOverHttp2];

    /// <summary>Those whose list stays as it is, and has places.</summary>
    public static Way[] WaysWithPlaces { get; } = [Way.Sse, Way.Ndjson];

    public static string[] Fresh(int count, string prefix = "many") =>
        [.. Enumerable.Range(0, count).Select(i => Names.Fresh($"{prefix}-{i:d3}")).Order(StringComparer.Ordinal)];

    public static async Task<StreamReceiver> OpenManyAsync(
        this MailboxNode node, Way way, IReadOnlyList<string> mailboxes, ReceiverOptions? options = null) =>
        (StreamReceiver)await node.OpenAsync(way, "unused", (options ?? new ReceiverOptions()) with { Mailboxes = mailboxes });

    public static async Task<WebSocketReceiver> OpenSocketAsync(
        this MailboxNode node, IReadOnlyList<string> mailboxes, ReceiverOptions? options = null, Way way = Way.WebSocket) =>
        (WebSocketReceiver)await node.OpenManyAsync(way, mailboxes, options);

    /// <summary>The <c>open</c> of each, in the order of their names, and nothing before or between.</summary>
    public static async Task<IReadOnlyList<ReceivedEvent>> AllOpenAsync(this IReceiver receiver, IEnumerable<string> mailboxes)
    {
        var opened = new List<ReceivedEvent>();
        foreach (var mailbox in mailboxes)
        {
            opened.Add(await receiver.NextIsAsync(ControlEvents.Open));
            opened[^1].Mailbox.ShouldBe(mailbox);
        }

        return opened;
    }

    /// <summary>So many messages of any mailbox, and nothing between them.</summary>
    public static async Task<IReadOnlyList<ReceivedEvent>> MessagesAsync(this IReceiver receiver, int count)
    {
        var messages = new List<ReceivedEvent>();
        while (messages.Count < count)
        {
            var next = await receiver.NextAsync(Patience.Long);
            next.Kind.ShouldBe(ReceivedKind.Message, $"after {messages.Count} messages: {next}");
            messages.Add(next);
        }

        return messages;
    }

    public static string[] TextsOf(this IEnumerable<ReceivedEvent> messages, string mailbox) =>
        [.. messages.Where(message => message.Mailbox == mailbox).Select(message => message.Text)];

    public static async Task<ReceivedEvent> NextIsAsync(this IReceiver receiver, string control, string mailbox, string? reason = null)
    {
        var next = await receiver.NextIsAsync(control);
        next.Mailbox.ShouldBe(mailbox);
        if (reason is not null)
        {
            next.Json!.Value.GetProperty("reason").GetString().ShouldBe(reason);
        }

        return next;
    }

    public static Task SayAsync(this WebSocketReceiver socket, string json) => socket.SendAsync(Encoding.UTF8.GetBytes(json));
}
