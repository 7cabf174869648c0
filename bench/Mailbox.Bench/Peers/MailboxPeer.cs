using System.Globalization;
using Mailbox.Bench.Load;
using Mailbox.TestKit;

namespace Mailbox.Bench.Peers;

/// <summary>One node of this project, published as it ships.</summary>
internal sealed class MailboxPeer : Peer
{
    private readonly MailboxNode _node;

    private MailboxPeer(string name, MailboxNode node, RedisServer redis)
        : base(name)
    {
        _node = node;
        Redis = redis;
    }

    public override int Port => _node.BaseAddress.Port;

    public override int ServerPid => _node.Pid;

    public override RedisServer Redis { get; }

    /// <param name="assembly">Another build of the server; null for the one that was published for this run.</param>
    public static async Task<Peer> StartAsync(string name, string? assembly, PeerOptions options)
    {
        var redis = await RedisServer.StartAsync(options.RedisSettings);
        try
        {
            var node = await MailboxNode.StartAsync(redis, new MailboxNodeOptions
            {
                Assembly = assembly,
                Settings = options.MaxMessages == PeerOptions.UsualMessages ? new Dictionary<string, string>() : new()
                {
                    ["Mailbox:MaxMessages"] = options.MaxMessages.ToString(CultureInfo.InvariantCulture),
                    ["Mailbox:MaxBytes"] = (options.MaxMessages * 1_024L).ToString(CultureInfo.InvariantCulture),
                },
            });
            return new MailboxPeer(name, node, redis);
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    public override string DeliverTarget(string mailbox) => $"/v1/mailboxes/{mailbox}/messages";

    public override IEnumerable<ManyRequest> DeliverMany(IReadOnlyList<string> mailboxes, int bodyLength) =>
    [
        ManyRequest.Of(
            "/v1/messages",
            "application/json",
            $"{{\"to\":[\"{string.Join("\",\"", mailboxes)}\"],\"data\":\"",
            bodyLength,
            "\"}"),
    ];

    public override Opening Opening(string mailbox, Transport transport, string? cursor)
    {
        var position = cursor is null ? "" : $"Last-Event-ID: {cursor}\r\n";
        return new Opening
        {
            Transport = transport,
            Target = $"/v1/mailboxes/{mailbox}{(transport == Transport.LongPoll ? "?wait=25" : "")}",
            CursorParameter = "after",
            Headers = transport switch
            {
                Transport.Sse => $"Accept: text/event-stream\r\n{position}",
                Transport.Ndjson => $"Accept: application/x-ndjson\r\n{position}",
                Transport.LongPoll => "Accept: application/json\r\n",
                _ => "Sec-WebSocket-Protocol: mailbox.v1\r\n",
            },
        };
    }

    public override async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await Redis.DisposeAsync();
    }
}
