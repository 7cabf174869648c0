using System.Text.RegularExpressions;
using Mailbox.TestKit;

namespace MailboxServer.Tests;

/// <summary>
/// The tables of docs/configuration.md are what the options' types say: each between <c>&lt;!-- settings: A B … --&gt;</c>, which
/// names what stands in it, and <c>&lt;!-- end --&gt;</c>. With MAILBOX_ACCEPT_SETTINGS=1 this writes them.
/// </summary>
public partial class ConfigurationReferenceTests
{
    private const string Header = "| setting | environment | default | range | effect |\n|---|---|---|---|---|\n";

    private static readonly string Page = Path.Combine(RepositoryRoot.Path, "docs", "configuration.md");

    [Fact]
    public void Tables_OfThePage_AreWhatTheTypesSay()
    {
        var text = File.ReadAllText(Page);
        var generated = Table().Replace(text, Written);
        if (Environment.GetEnvironmentVariable("MAILBOX_ACCEPT_SETTINGS") == "1")
        {
            File.WriteAllText(Page, generated);
            text = generated;
        }

        text.ShouldBe(generated, "MAILBOX_ACCEPT_SETTINGS=1 ./dev test --filter ConfigurationReference writes it");
    }

    [Fact]
    public void Settings_OfTheTypes_StandInOneTableEach()
    {
        var listed = Table().Matches(File.ReadAllText(Page)).SelectMany(NamesOf).ToList();
        listed.ShouldBeUnique();
        listed.ShouldBe(ConfigurationReference.Rows.Keys, ignoreOrder: true);
    }

    private static string Written(Match table) =>
        $"<!-- settings: {table.Groups["names"].Value} -->\n{Header}" +
        string.Concat(NamesOf(table).Select(name => ConfigurationReference.Rows.GetValueOrDefault(name, $"| `{name}` | is no setting |") + "\n")) + "<!-- end -->";

    /// <summary>A name may stand for all below it: <c>Mailbox:Limits:*</c>.</summary>
    private static IEnumerable<string> NamesOf(Match table) => table.Groups["names"].Value
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(name => name.EndsWith('*')
            ? ConfigurationReference.Rows.Keys.Where(key => key.StartsWith(name[..^1], StringComparison.Ordinal))
            : [name]);

    [GeneratedRegex(@"<!-- settings: (?<names>[^>]*?) -->\n.*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Table();
}
