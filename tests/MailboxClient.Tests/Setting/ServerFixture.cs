using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>One Redis and one node for the tests of a class.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private RedisServer _redis = null!;

    public MailboxNode Node { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        Node = await MailboxNode.StartAsync(_redis);
    }

    /// <summary>The ids of what the mailbox keeps.</summary>
    public async Task<IReadOnlyList<string>> PeekAsync(string mailbox)
    {
        using var answer = JsonDocument.Parse(await Node.Http.GetStringAsync(new Uri(MailboxRoutes.ForMessages(mailbox), UriKind.Relative)));
        return [.. answer.RootElement.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("id").GetString()!)];
    }

    /// <summary>Until the receiver was sent that far, and another sweep or two has not sent it more.</summary>
    public async Task SettledAsync(string mailbox, long sent)
    {
        for (var i = 0; i < 10; i++)
        {
            await Task.Delay(100);
            using var info = JsonDocument.Parse(await Node.Http.GetStringAsync(new Uri(MailboxRoutes.ForInfo(mailbox), UriKind.Relative)));
            info.RootElement.GetProperty("sent").GetInt64().ShouldBeLessThanOrEqualTo(sent);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await _redis.DisposeAsync();
    }
}
