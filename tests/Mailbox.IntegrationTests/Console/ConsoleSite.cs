using Mailbox.IntegrationTests.Browser;
using Mailbox.TestKit;
using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Console;

/// <summary>Two nodes with the console on, one Redis, and a browser.</summary>
public sealed class ConsoleSite : IAsyncLifetime
{
    private Chromium? _browser;

    internal RedisServer Redis { get; private set; } = null!;

    internal MailboxNode A { get; private set; } = null!;

    internal MailboxNode B { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisServer.StartAsync();
        var nodes = Task.WhenAll(StartNodeAsync(), StartNodeAsync());
        _browser = await Chromium.StartAsync();
        (A, B) = (await nodes) is [var a, var b] ? (a, b) : throw new InvalidOperationException();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        await A.DisposeAsync();
        await B.DisposeAsync();
        await Redis.DisposeAsync();
    }

    internal Task<MailboxNode> StartNodeAsync(params (string Name, string Value)[] settings) =>
        Redis.StartNodeAsync([Cluster.Unhurried, ("Mailbox:Console:Enabled", "true"), .. settings]);

    /// <param name="view">Behind the # of the address, such as <c>/mailboxes/alice</c>.</param>
    /// <param name="node">Which node's; null for the first's.</param>
    /// <param name="options">Of the browser's context.</param>
    internal Task<WatchedPage> OpenAsync(string view = "/", MailboxNode? node = null, BrowserNewContextOptions? options = null) =>
        WatchedPage.OpenAsync(_browser!, new Uri((node ?? A).BaseAddress, "/console#" + view), options);
}

/// <summary>Console and demos take turns: more browsers at a time than the others' are too many for a small machine.</summary>
[CollectionDefinition(Name)]
public sealed class OwnPages : ICollectionFixture<ConsoleSite>, ICollectionFixture<Demos.DemoBrowser>
{
    public const string Name = "the server's own pages";
}
