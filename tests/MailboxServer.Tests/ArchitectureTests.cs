using System.Text.RegularExpressions;
using Mailbox.TestKit;

namespace MailboxServer.Tests;

/// <summary>Rules of the code's shape, read from the sources: dependencies point one way, and a word means one thing.</summary>
public partial class ArchitectureTests
{
    /// <summary>Files that hold a group of option classes, and so more than the class they are named after.</summary>
    private static readonly string[] Groups = ["MailboxOptions.cs", "AccessOptions.cs"];

    private static readonly string Sources = Path.Combine(RepositoryRoot.Path, "src");
    private static readonly string Server = Path.Combine(Sources, "MailboxServer");
    private static readonly string Contracts = Path.Combine(Sources, "MailboxContracts");

    /// <summary>What each folder may use of ours beside itself. The root composes, and may use all.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Mailboxes"] = ["Contracts"],
        ["Redis"] = ["Contracts", "Mailboxes"],
        ["Transports"] = ["Contracts", "Mailboxes"],
        ["Access"] = ["Contracts", "Mailboxes"],
        ["Telemetry"] = ["Contracts", "Mailboxes", "Redis"],
        ["Endpoints"] = ["Contracts", "Mailboxes", "Redis", "Transports", "Access", "Telemetry"],
        ["Proxy"] = ["Contracts", "Mailboxes", "Transports", "Access", "Endpoints"],
        ["Pages"] = [],
    };

    [Fact]
    public void Folders_OfTheServer_AllHaveARule()
    {
        var folders = Directory.GetDirectories(Server).Where(folder => CodeIn(folder).Any()).Select(Path.GetFileName);
        folders.ShouldAllBe(folder => Allowed.ContainsKey(folder!));
    }

    [Theory]
    [InlineData("Mailboxes")]
    [InlineData("Redis")]
    [InlineData("Transports")]
    [InlineData("Access")]
    [InlineData("Telemetry")]
    [InlineData("Endpoints")]
    [InlineData("Proxy")]
    [InlineData("Pages")]
    public void Folder_ItsReferences_PointOneWay(string folder)
    {
        var files = CodeIn(Path.Combine(Server, folder)).ToList();
        files.ShouldNotBeEmpty();
        var others = Allowed.Keys.Append("Contracts").Where(other => other != folder && !Allowed[folder].Contains(other)).ToList();
        foreach (var file in files)
        {
            var code = CodeOf(file);
            foreach (var other in others)
            {
                // The namespaces nest, so `Endpoints.Problem` would compile without any using.
                Regex.IsMatch(code, $@"\bMailbox\.{other}\b|(?<![\w.]){other}\.[A-Z]").ShouldBeFalse($"{Name(file)} uses {other}");
            }
        }
    }

    [Fact]
    public void Mailboxes_TheDomain_KnowsNoHttpAndNoRedis()
    {
        foreach (var file in CodeIn(Path.Combine(Server, "Mailboxes")))
        {
            // HttpContext and others come by implicit usings.
            OutsideOfTheDomain().Match(CodeOf(file)).Value.ShouldBeEmpty(Name(file));
        }
    }

    [Fact]
    public void RedisClient_OnlyInItsFolder()
    {
        var users = CodeIn(Sources).Where(file => CodeOf(file).Contains("StackExchange.Redis", StringComparison.Ordinal)).ToList();
        users.ShouldNotBeEmpty();
        users.ShouldAllBe(file => file.StartsWith(Path.Combine(Server, "Redis") + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            || file.StartsWith(Path.Combine(Sources, "MailboxCli") + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }

    [Fact]
    public void Contracts_UseNothingOfOursAndNoPackage()
    {
        foreach (var file in CodeIn(Contracts))
        {
            UsingLine().Matches(CodeOf(file)).Select(match => match.Groups[1].Value)
                .ShouldAllBe(name => name == "System" || name.StartsWith("System.", StringComparison.Ordinal), Name(file));
        }

        var project = File.ReadAllText(Path.Combine(Contracts, "MailboxContracts.csproj"));
        project.ShouldNotContain("<PackageReference");
        project.ShouldNotContain("<ProjectReference");
    }

    [Fact]
    public void Scripts_EachOpensWithWhatItTakesAndGives()
    {
        var scripts = Directory.GetFiles(Path.Combine(Server, "Redis", "Scripts"), "*.lua");
        scripts.ShouldNotBeEmpty();
        foreach (var script in scripts)
        {
            var lines = File.ReadAllLines(script).TakeWhile(line => line.StartsWith("--", StringComparison.Ordinal)).ToList();
            var head = string.Join('\n', lines);
            lines.Count.ShouldBeGreaterThan(1, Name(script));
            lines[0].ShouldMatch("^-- [A-Z]", Name(script));

            // What others include has no arguments of its own; a script without arguments has no such line.
            if (Path.GetFileName(script) is "entries.lua" or "names.lua" or "state.lua" or "leaving.lua" or "index.lua" or "group.lua") continue;
            head.ShouldMatch(@"\n-- KEYS\s", Name(script));
            head.ShouldMatch(@"\n-- returns\s", Name(script));
            if (File.ReadAllText(script).Replace(head, "", StringComparison.Ordinal).Contains("ARGV[", StringComparison.Ordinal))
            {
                head.ShouldMatch(@"\n-- ARGV\s", Name(script));
            }
        }
    }

    [Fact]
    public void Names_OfTypesAndFiles_KeepToTheVocabulary()
    {
        foreach (var file in FilesIn(Sources))
        {
            BannedWord().Match(Path.GetFileNameWithoutExtension(file)).Value.ShouldBeEmpty(Name(file));
        }

        foreach (var file in CodeIn(Sources))
        {
            foreach (var type in TypesIn(file)) BannedWord().Match(type.Name).Value.ShouldBeEmpty($"{type.Name} in {Name(file)}");
        }
    }

    [Fact]
    public void Types_ClassesAndInterfaces_EachInAFileNamedAfterIt()
    {
        // Records and enums may stand beside what they belong to.
        foreach (var file in CodeIn(Sources).Where(file => !Groups.Contains(Path.GetFileName(file))))
        {
            var named = Path.GetFileNameWithoutExtension(file).Replace("{T}", "", StringComparison.Ordinal);
            TypesIn(file).Where(type => type.Kind is "class" or "interface").Select(type => type.Name)
                .ShouldAllBe(name => name == named, Name(file));
        }
    }

    private static IEnumerable<string> CodeIn(string folder) =>
        FilesIn(folder).Where(file => file.EndsWith(".cs", StringComparison.Ordinal));

    private static IEnumerable<string> FilesIn(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Sources, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    private static string CodeOf(string file) => Comment().Replace(File.ReadAllText(file), "");

    private static string Name(string file) => Path.GetRelativePath(RepositoryRoot.Path, file);

    /// <summary>The types of a file that are not nested: they begin their line.</summary>
    private static IEnumerable<(string Kind, string Name)> TypesIn(string file) =>
        TypeLine().Matches(CodeOf(file)).Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^using (?:static )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^(?:(?:public|internal|sealed|static|abstract|readonly|partial|file|ref) )*(class|interface|enum|struct|record(?: struct| class)?) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"Microsoft\.AspNetCore|StackExchange|\bHttp(?:Context|Request|Response)\b|\bRedis(?:Value|Key|Result|Channel)\b|\bWebApplication\b|\bIServiceCollection\b")]
    private static partial Regex OutsideOfTheDomain();

    [GeneratedRegex("queue|publish|subscriber|handler|manager", RegexOptions.IgnoreCase)]
    private static partial Regex BannedWord();
}
