using System.Text.Json;
using System.Text.RegularExpressions;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser.Library;

/// <summary>The npm package: what it says is what is in it.</summary>
public partial class PackageTests
{
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "src", "MailboxBrowser");

    [Fact]
    public async Task Types_and_module_export_the_same_names()
    {
        var types = Export().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "mailbox.d.ts"))).Select(match => match.Groups["name"].Value);
        var module = Export().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "mailbox.js"))).Select(match => match.Groups["name"].Value);

        types.Order(StringComparer.Ordinal).ShouldBe(module.Order(StringComparer.Ordinal));
        types.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Every_option_that_the_module_reads_has_a_type()
    {
        var types = await File.ReadAllTextAsync(Path.Combine(Folder, "mailbox.d.ts"));
        var read = Option().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "mailbox.js"))).Select(match => match.Groups["name"].Value).Distinct().ToList();

        read.Count.ShouldBeGreaterThan(15);
        read.ShouldAllBe(name => Regex.IsMatch(types, $@"^  {name}\??[:(]", RegexOptions.Multiline));
    }

    [Fact]
    public async Task It_packs_what_is_needed_and_nothing_else()
    {
        await using var npm = await WatchedProcess.StartAsync(
            Tools.Find("npm", "apt-get install npm"), ["pack", "--dry-run", "--json", "--offline"], workingDirectory: Folder);
        (await npm.WaitForExitAsync(TimeSpan.FromMinutes(2))).ShouldBe(0, npm.Describe());
        var output = string.Join('\n', npm.Output);
        var packed = JsonDocument.Parse(output[output.IndexOf('[', StringComparison.Ordinal)..]).RootElement[0];
        packed.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString())
            .Order(StringComparer.Ordinal).ShouldBe(["README.md", "mailbox.d.ts", "mailbox.js", "package.json"]);
    }

    [GeneratedRegex(@"^export (?:async )?(?:function|class) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Export();

    [GeneratedRegex(@"options\??\.(?<name>[a-zA-Z]+)")]
    private static partial Regex Option();
}
