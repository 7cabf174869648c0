using Mailbox.IntegrationTests.Browser;
using Mailbox.IntegrationTests.Proxy;
using Mailbox.IntegrationTests.Samples;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Demos;

/// <summary>What <c>./dev demos</c> starts: two Development nodes on one Redis, which keeps what it was given, and the program before and behind them.</summary>
internal sealed class DemoSite : IAsyncDisposable
{
    private DemoSite(RedisServer redis, MailboxNode serving, MailboxNode standby, Sample program, Uri front)
    {
        (Redis, Serving, Standby, Program, Front) = (redis, serving, standby, program, front);
    }

    public RedisServer Redis { get; }

    /// <summary>The one that the front leads to, as long as it lives.</summary>
    public MailboxNode Serving { get; }

    public MailboxNode Standby { get; }

    /// <summary>samples/demos.</summary>
    public Sample Program { get; }

    public Uri Front { get; }

    public static async Task<DemoSite> StartAsync()
    {
        var redis = await RedisServer.StartAsync(("appendonly", "yes"), ("appendfsync", "always"));
        var (front, backend) = (FreePorts.Take(), FreePorts.Take());
        var options = new MailboxNodeOptions
        {
            Environment = "Development",
            StartDeadline = Patience.Start,
            Settings = ProxySite.Route(0, "/backend", $"http://127.0.0.1:{backend}", ("Deliver:0", "ask.*"))
                .ToDictionary(setting => setting.Name, setting => setting.Value),
        };
        var serving = await MailboxNode.StartAsync(redis, options);
        var standby = await MailboxNode.StartAsync(redis, options);
        var program = await Sample.StartAsync("demos", serving.BaseAddress, null, [$"{front}", $"{backend}", .. Of(serving), .. Of(standby)]);
        await program.UntilToldAsync("listening");
        return new DemoSite(redis, serving, standby, program, new Uri($"http://127.0.0.1:{front}"));

        static string[] Of(MailboxNode node) => [$"{node.BaseAddress.GetLeftPart(UriPartial.Authority)}={node.Pid}"];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in new IAsyncDisposable[] { Program, Serving, Standby, Redis })
        {
            await one.DisposeAsync();
        }
    }
}

/// <summary>One browser for the tests of the demos, each of which has a site of its own to break.</summary>
public sealed class DemoBrowser : IAsyncLifetime
{
    internal Chromium? Chromium { get; private set; }

    public async ValueTask InitializeAsync() => Chromium = await Chromium.StartAsync();

    public ValueTask DisposeAsync() => Chromium?.DisposeAsync() ?? ValueTask.CompletedTask;
}
