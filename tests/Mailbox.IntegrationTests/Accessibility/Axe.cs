using System.Text.Json;
using Mailbox.TestKit;
using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Accessibility;

/// <summary>What axe-core finds wrong with a page as it stands, for those who do not see it, or cannot use a pointer.</summary>
internal static class Axe
{
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "tests", "Mailbox.IntegrationTests", "Accessibility");

    /// <summary>Fails on what axe-core calls serious or critical.</summary>
    public static async Task ShouldFindNothingSeriousAsync(this IPage page)
    {
        await NpmPackages.InstallAsync(Folder);
        await page.EvaluateAsync(await File.ReadAllTextAsync(Path.Combine(Folder, "node_modules", "axe-core", "axe.min.js")) + "\n;undefined");
        var text = await page.EvaluateAsync<string>(
            "async () => JSON.stringify((await axe.run()).violations.map(v => ({ id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map(n => n.html + ' ' + n.failureSummary) })))");
        var serious = JsonDocument.Parse(text).RootElement.EnumerateArray()
            .Where(finding => finding.GetProperty("impact").GetString() is "serious" or "critical").Select(finding => finding.ToString());
        serious.ShouldBeEmpty(page.Url);
    }
}
