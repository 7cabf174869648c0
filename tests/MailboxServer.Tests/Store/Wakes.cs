using System.Text;
using Mailbox.Mailboxes;
using Mailbox.Redis;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

/// <summary>Hears one mailbox's wakes, one after the other.</summary>
internal sealed class Wakes : IAsyncDisposable
{
    private const string Marker = "nothing came before this";

    private readonly TestMailbox _mailbox;
    private readonly RedisCli _cli;

    private Wakes(TestMailbox mailbox, RedisCli cli)
    {
        _mailbox = mailbox;
        _cli = cli;
    }

    public static async Task<Wakes> OfAsync(TestMailbox mailbox, RedisEngine engine)
    {
        var cli = await engine.ConnectAsync();
        await cli.ExecuteAsync("SUBSCRIBE", mailbox.Wake);
        return new Wakes(mailbox, cli);
    }

    /// <summary>What the next wake carries; null when it carries nothing.</summary>
    public async Task<Carried?> NextAsync() => CarriedDecoder.Decode(await ReadAsync());

    /// <summary>How many came until now that were not read yet.</summary>
    public async Task<int> CountAsync()
    {
        await _mailbox.Cli.ExecuteAsync("PUBLISH", _mailbox.Wake, Marker);
        var count = 0;
        while (Encoding.UTF8.GetString(await ReadAsync()) != Marker)
        {
            count++;
        }

        return count;
    }

    public ValueTask DisposeAsync() => _cli.DisposeAsync();

    private async Task<byte[]> ReadAsync() => (byte[])((object?[])(await _cli.ReadAsync(TimeSpan.FromSeconds(10)))!)[2]!;
}
