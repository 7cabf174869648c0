namespace Mailbox.IntegrationTests.Recipes;

/// <summary>A recipe that is written so that it would not be run is found out.</summary>
public sealed class RecipeTests
{
    private const string Good = "text\n\n<!-- recipe: a-b -->\n```sh\necho 1\n\necho 2\n```\n\ntext\n\n<!-- expect: a-b -->\n```text\n1\n2\n\n3\n```\n";

    [Fact]
    public void Blocks_with_the_same_name_belong_together()
    {
        var recipe = Recipe.Read(Good + "\n```sh\nnot a recipe\n```\n").ShouldHaveSingleItem();
        (recipe.Name, recipe.Script).ShouldBe(("a-b", "echo 1\n\necho 2\n"));
        recipe.Expected.Select(lines => string.Join(',', lines)).ShouldBe(["1,2", "3"]);
    }

    [Theory]
    [InlineData("<!-- recipe: a-b -->\n```sh", "<!-- recipe: a-b -->\n\n```sh")]
    [InlineData("<!-- recipe: a-b -->", "<!-- recipe: other -->")]
    [InlineData("<!-- expect: a-b -->", "")]
    [InlineData("<!-- recipe: a-b -->", "")]
    [InlineData("```sh", "```console")]
    [InlineData("```text\n1\n2\n\n3\n", "```text\n\n")]
    public void A_mark_without_its_block_is_an_error(string good, string bad) =>
        Should.Throw<FormatException>(() => Recipe.Read(Good.Replace(good, bad, StringComparison.Ordinal)));
}
