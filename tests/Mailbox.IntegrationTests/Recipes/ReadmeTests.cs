using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Recipes;

/// <summary>README's recipes work as they stand there.</summary>
[Collection(Alone.Name)]
public sealed class ReadmeTests(ReadmeNode node) : IClassFixture<ReadmeNode>
{
    public static TheoryData<string> Names =>
        [.. Recipe.Read(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "README.md"))).Select(recipe => recipe.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_recipe_shows_what_it_says(string name)
    {
        var recipe = node.Recipes.Single(recipe => recipe.Name == name);

        await RecipeRun.ShowsAsync(recipe);
    }
}
