using System.Text.Json;
using System.Text.RegularExpressions;
using Mailbox.IntegrationTests.Deployment;
using Mailbox.TestKit;
using YamlDotNet.RepresentationModel;

namespace Mailbox.IntegrationTests.Telemetry;

/// <summary>The dashboard and the alert rules name figures that there are.</summary>
public partial class DashboardTests(Cluster cluster)
{
    private static readonly string Dashboard = Path.Combine(RepositoryRoot.Path, "deploy", "grafana", "mailbox.json");

    private static readonly string Rules =
        Path.Combine(RepositoryRoot.Path, "deploy", "k8s", "components", "prometheus", "prometheusrule.yaml");

    [Fact]
    public async Task Every_panel_has_data_of_a_node_under_load()
    {
        await using var node = await cluster.StartNodeAsync();
        await using var load = await Load.OnAsync(node);
        var figures = await Figures.OfAsync(node);

        var panels = Panels().ToList();

        panels.Count.ShouldBeGreaterThan(15);
        foreach (var (title, expression) in panels)
        {
            AssertHasData(figures, expression, title);
        }
    }

    [Fact]
    public async Task Every_alert_is_on_figures_that_there_are_and_is_explained()
    {
        await using var node = await cluster.StartNodeAsync();
        await using var load = await Load.OnAsync(node);
        var figures = await Figures.OfAsync(node);
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "operations", "metrics.md"));

        var alerts = Manifest.ReadAll(await File.ReadAllTextAsync(Rules)).Single().List("spec.groups").SelectMany(group => group.List("rules")).ToList();

        alerts.Count.ShouldBeGreaterThan(10);
        foreach (var alert in alerts)
        {
            AssertHasData(figures, alert.Text("expr")!, alert.Text("alert")!);
            page.ShouldContain($"`{alert.Text("alert")}`");
        }
    }

    [Fact]
    public async Task Promtool_takes_the_rules()
    {
        await using var text = new StringWriter();
        new YamlStream(new YamlDocument(Manifest.ReadAll(await File.ReadAllTextAsync(Rules)).Single().At("spec")!)).Save(text, assignAnchors: false);

        await AssertRulesAsync(text.ToString());
    }

    /// <summary>Of a panel's expression promtool says nothing by itself; as a rule, it does.</summary>
    [Fact]
    public async Task Promtool_takes_the_panels()
    {
        var rules = Panels().Select((panel, i) => $"  - record: panel:{i}\n    expr: '{Filled(panel.Expression)}'\n");

        await AssertRulesAsync($"groups:\n- name: panels\n  rules:\n{string.Concat(rules)}");
    }

    [Fact]
    public async Task Every_figure_of_ours_is_explained_and_no_other()
    {
        await using var node = await cluster.StartNodeAsync();
        await using var load = await Load.OnAsync(node);
        var families = FamilyLine().Matches((await Figures.OfAsync(node)).Text).Select(match => match.Groups[1].Value).ToList();
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "operations", "metrics.md"));

        var explained = ExplainedLine().Matches(page).Select(match => match.Groups[1].Value).ToList();

        explained.ShouldBe(families, ignoreOrder: true);
    }

    private static async Task AssertRulesAsync(string rules)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, rules);
            (await Promtool.CheckAsync("rules", null, file)).ShouldBeEmpty();
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>As Grafana fills its variables in.</summary>
    private static string Filled(string expression) => expression.Replace("$__rate_interval", "1m", StringComparison.Ordinal)
        .Replace("$job", ".*", StringComparison.Ordinal).Replace("$instance", ".*", StringComparison.Ordinal);

    private static IEnumerable<(string Title, string Expression)> Panels()
    {
        var root = JsonDocument.Parse(File.ReadAllBytes(Dashboard)).RootElement;
        foreach (var panel in root.GetProperty("panels").EnumerateArray().Where(panel => panel.TryGetProperty("targets", out _)))
        {
            foreach (var target in panel.GetProperty("targets").EnumerateArray())
            {
                yield return (panel.GetProperty("title").GetString()!, target.GetProperty("expr").GetString()!);
            }
        }
    }

    /// <summary>Every name in it is on the page, with each label that it keeps and each value that it selects.</summary>
    private static void AssertHasData(Figures figures, string expression, string what)
    {
        var names = NameIn().Matches(expression).Select(match => match.Value).ToList();
        names.ShouldNotBeEmpty(what);
        names.ShouldAllBe(name => figures.Names.Contains(name), what);

        // What Prometheus adds by itself is on no page.
        var one = string.Join('|', names);
        foreach (var label in LabelsIn().Matches(expression).SelectMany(match => match.Groups[1].Value.Split(", ")).Except(["job", "instance"]))
        {
            figures.Text.ShouldMatch($$"""\n(?:{{one}})\{(?:[^}]*,)?{{label}}=""", what);
        }

        foreach (Match selector in SelectorIn().Matches(expression))
        {
            foreach (var value in selector.Groups[2].Value.Split('|'))
            {
                figures.Text.ShouldMatch($$"""\n(?:{{one}})\{(?:[^}]*,)?{{selector.Groups[1].Value}}="{{value}}"[,}]""", what);
            }
        }
    }

    [GeneratedRegex(@"\b(?:mailbox|dotnet|kestrel)_[a-z_]+")]
    private static partial Regex NameIn();

    [GeneratedRegex(@"by \(([a-z_, ]+)\)")]
    private static partial Regex LabelsIn();

    [GeneratedRegex("""([a-z_]+)=~?"([a-zA-Z-]+(?:\|[a-zA-Z-]+)*)["]""")]
    private static partial Regex SelectorIn();

    [GeneratedRegex(@"^# TYPE (\S+)", RegexOptions.Multiline)]
    private static partial Regex FamilyLine();

    [GeneratedRegex(@"^\| `([a-z_]+)`", RegexOptions.Multiline)]
    private static partial Regex ExplainedLine();
}
