using System.Text.RegularExpressions;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Recipes;

/// <summary>What docs/tutorial.md has its readers type works as it stands there, and the code that it shows is the chat's.</summary>
[Collection(Alone.Name)]
public sealed partial class TutorialTests(TutorialNodes nodes) : IClassFixture<TutorialNodes>
{
    private static readonly string Page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "tutorial.md")).ReplaceLineEndings("\n");

    public static TheoryData<string> Code => [.. Blocks().Matches(Page).Where(Is("js")).Select(block => block.Groups["text"].Value)];

    /// <summary>In their order: a step goes on from the one before.</summary>
    [Fact]
    public async Task Each_step_shows_what_it_says()
    {
        foreach (var recipe in nodes.Recipes)
        {
            await RecipeRun.ShowsAsync(recipe);
        }
    }

    [Fact]
    public void Every_block_of_shell_is_a_recipe() =>
        Blocks().Matches(Page).Where(Is("sh")).Select(block => block.Groups["text"].Value).ShouldBe(Recipe.Read(Page).Select(recipe => recipe.Script));

    [Theory]
    [MemberData(nameof(Code))]
    public async Task The_code_stands_like_this_in_the_chat(string code)
    {
        var script = await File.ReadAllTextAsync(
            Path.Combine(RepositoryRoot.Path, "src", "MailboxServer", "Pages", "Demos", "chat", "chat.js"));

        ("\n" + script.ReplaceLineEndings("\n")).ShouldContain("\n" + code, Case.Sensitive);
    }

    private static Func<Match, bool> Is(string language) => block => block.Groups["language"].Value == language;

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();
}

/// <summary>Two nodes on one Redis, as <c>./dev nodes 2</c> starts them, on its ports or others that stand in for them.</summary>
public sealed class TutorialNodes : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _parts = [];

    internal IReadOnlyList<Recipe> Recipes { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        _ = Tools.Find("curl", "apt-get install curl");
        var text = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "tutorial.md"));
        var redis = await RedisServer.StartAsync();
        _parts.Add(redis);
        foreach (var named in new[] { 8080, 8081 })
        {
            (text, var port) = RecipePorts.Settle(text, named);
            _parts.Add(await MailboxNode.StartAsync(redis, new MailboxNodeOptions
            {
                Environment = "Development",
                Port = port,
                StartDeadline = Patience.Start,
            }));
        }

        Recipes = Recipe.Read(text);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }
    }
}
