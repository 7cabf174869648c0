using Mailbox.TestKit;
using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>One browser and one node for all tests of a collection; each test has a context and mailboxes of its own.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    /// <summary>How many flushed messages the node keeps for a receiver that does not acknowledge.</summary>
    internal const int ResumeLength = 10;

    private Chromium? _browser;
    private RedisServer? _redis;
    private MailboxNode? _node;
    private TcpRelay? _relay;

    internal RedisServer Redis => _redis!;

    internal MailboxNode Node => _node!;

    public async ValueTask InitializeAsync()
    {
        var browser = Chromium.StartAsync();
        await Task.WhenAll(StartNodeAsync(), browser);
        _browser = await browser;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    /// <summary>A page before the node; before another, or on a network that the test breaks, with a relay of its own.</summary>
    internal async Task<BrowserPage> OpenPageAsync(TcpRelay? relay = null) =>
        await BrowserPage.OpenAsync(await NewContextAsync(), relay ?? _relay!);

    /// <summary>A context of one's own, for several tabs.</summary>
    internal Task<IBrowserContext> NewContextAsync() => _browser!.NewContextAsync();

    private async Task StartNodeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _node = await MailboxNode.StartAsync(_redis, new MailboxNodeOptions
        {
            Settings = new Dictionary<string, string>
            {
                [Cluster.Unhurried.Name] = Cluster.Unhurried.Value,
                ["Mailbox:ResumeLength"] = $"{ResumeLength}",
                ["Mailbox:Sweep"] = "00:00:01", // what was flushed last is told by the next take
            },
        });
        _relay = new TcpRelay(_node.BaseAddress);
    }
}

/// <summary>Tests of the streams themselves share a browser and a node.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser";
}

/// <summary>Tests that mostly wait for a browser to come back run beside the others.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserNodeTests : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser, nodes that go away";
}

/// <summary>Likewise.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserRedisTests : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser, Redis that goes away";
}
