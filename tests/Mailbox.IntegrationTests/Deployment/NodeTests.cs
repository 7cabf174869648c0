using System.Globalization;
using Mailbox.Access;
using Mailbox.TestKit;
using Microsoft.Extensions.Configuration;

namespace Mailbox.IntegrationTests.Deployment;

/// <summary>What the manifests say of a node fits what a node is.</summary>
public class NodeTests(Cluster cluster)
{
    /// <summary>docs/performance.md: a node with hardly any streams, and one stream more.</summary>
    private const long NodeBytes = 100_000_000;
    private const long StreamBytes = 15_000;

    /// <summary>What the host waits beyond the drain window: HostOptions.ShutdownTimeout in Composition.cs.</summary>
    private static readonly TimeSpan AfterDrain = TimeSpan.FromSeconds(10);

    public static TheoryData<string> Everything => [.. Rendered.Everything];

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Each_setting_is_one_that_there_is(string name)
    {
        var rendered = await Rendered.OfAsync(name);

        var options = Bind(rendered);

        options.Redis.ConnectionString = "redis";
        if (rendered.Node.List("spec.template.spec.containers.0.envFrom").Any(from => from.Text("secretRef.name") == "mailbox-access"))
        {
            options.Access.ApiKeys.Add(new ApiKeyOptions { Name = "orders", Hash = new string('0', 64), Scopes = ["mailbox.deliver:*"] });
        }
        else if (!Rendered.Overlays.Contains(name))
        {
            options.Access.AllowAnonymous = true; // who may call is an overlay's to say
        }

        Should.NotThrow(() => OptionsCheck.Check(options, new Production()));
        rendered.NodeSettings.Keys.Where(key => !key.StartsWith("Mailbox__", StringComparison.Ordinal))
            .ShouldBeSubsetOf(["OTEL_EXPORTER_OTLP_ENDPOINT", "SSL_CERT_DIR"]);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task A_node_has_drained_before_it_is_killed(string name)
    {
        var rendered = await Rendered.OfAsync(name);

        var grace = TimeSpan.FromSeconds(rendered.Node.Number("spec.template.spec.terminationGracePeriodSeconds"));
        var before = TimeSpan.FromSeconds(rendered.Node.Number("spec.template.spec.containers.0.lifecycle.preStop.sleep.seconds"));
        (before + Bind(rendered).DrainWindow + AfterDrain).ShouldBeLessThan(grace);
        before.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Each_path_that_is_asked_is_answered(string name)
    {
        var container = (await Rendered.OfAsync(name)).Node.Containers.Single();
        foreach (var probe in new[] { "startupProbe", "livenessProbe", "readinessProbe" })
        {
            (await cluster.A.GetAsync(container.Text($"{probe}.httpGet.path")!)).Status.ShouldBe(200, probe);
        }

        // A node that has lost Redis is alive: restarting it would end its streams for nothing.
        container.Text("livenessProbe.httpGet.path").ShouldBe("/health/live");
        container.Text("readinessProbe.httpGet.path").ShouldBe("/health/ready");
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task The_memory_limit_holds_as_many_streams_as_the_node_takes(string name)
    {
        var rendered = await Rendered.OfAsync(name);

        var limit = Quantity.Bytes(rendered.Node.Text("spec.template.spec.containers.0.resources.limits.memory")!);
        (NodeBytes + (StreamBytes * Bind(rendered).MaxConnections)).ShouldBeLessThan(limit);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task One_node_is_always_left(string name)
    {
        var rendered = await Rendered.OfAsync(name);

        var scaler = rendered.All.SingleOrDefault(one => one.Kind == "HorizontalPodAutoscaler");
        var nodes = scaler?.Number("spec.minReplicas") ?? rendered.Node.Number("spec.replicas");
        (nodes - rendered.All.Single(one => one.Kind == "PodDisruptionBudget").Number("spec.maxUnavailable")).ShouldBeGreaterThan(0);
        rendered.Node.Text("spec.strategy.rollingUpdate.maxUnavailable").ShouldBe("0");
        (scaler is null || rendered.Node.At("spec.replicas") is null).ShouldBeTrue("an apply would undo what the autoscaler did");
    }

    [Fact]
    public async Task The_ingress_passes_what_the_server_sends_and_takes()
    {
        var ingress = (await Rendered.OfAsync("components/ingress-nginx")).All.Single(one => one.Kind == "Ingress");

        var said = ingress.Map("metadata.annotations").ToDictionary(pair => pair.Key.Split('/')[1], pair => pair.Value);
        said["proxy-buffering"].ShouldBe("off");
        TimeSpan.FromSeconds(int.Parse(said["proxy-read-timeout"], CultureInfo.InvariantCulture)).ShouldBeGreaterThan(new MailboxOptions().Heartbeat * 2);
        said["proxy-body-size"].ShouldBe("8m");
        said.Keys.ShouldNotContain("affinity");
        ingress.List("spec.rules").SelectMany(rule => rule.List("http.paths")).Select(path => path.Text("path")).ShouldBe(["/v1"]);
    }

    private static MailboxOptions Bind(Rendered rendered)
    {
        var settings = rendered.NodeSettings
            .Where(pair => pair.Key.StartsWith("Mailbox__", StringComparison.Ordinal))
            .Select(pair => KeyValuePair.Create(pair.Key.Replace("__", ":", StringComparison.Ordinal), (string?)pair.Value));
        return new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection(MailboxOptions.Section)
            .Get<MailboxOptions>(binder => binder.ErrorOnUnknownConfiguration = true)!;
    }

    /// <summary>Where the manifests run.</summary>
    private sealed class Production : Microsoft.Extensions.Hosting.IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Production";

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public Microsoft.Extensions.FileProviders.IFileProvider ContentRootFileProvider { get; set; } = null!;
    }
}
