using System.Text.RegularExpressions;

namespace Mailbox.IntegrationTests.Recipes;

/// <summary>
/// A block of shell that a page tells its readers to type, and the lines that it says they will see. In Markdown:
/// <c>&lt;!-- recipe: name --&gt;</c> before a block of <c>sh</c>, <c>&lt;!-- expect: name --&gt;</c> before one of <c>text</c>.
/// An empty line there parts what one program prints from what another prints at the same time.
/// </summary>
/// <param name="Name">The same in both marks.</param>
/// <param name="Script">As it stands.</param>
/// <param name="Expected">For each program, what occurs in the output in this order.</param>
internal sealed partial record Recipe(string Name, string Script, IReadOnlyList<IReadOnlyList<string>> Expected)
{
    /// <exception cref="FormatException">A block without its counterpart, a name twice, or nothing expected.</exception>
    public static IReadOnlyList<Recipe> Read(string markdown)
    {
        var blocks = Block().Matches(markdown.ReplaceLineEndings("\n"));
        if (Mark().Count(markdown) != blocks.Count)
        {
            throw new FormatException("A mark of a recipe without the block that belongs to it.");
        }

        var recipes = BlocksOf("recipe", "sh");
        var expectations = BlocksOf("expect", "text");
        return recipes.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(expectations.Keys)
            ? [.. recipes.Select(recipe => new Recipe(recipe.Key, recipe.Value, LinesOf(expectations[recipe.Key])))]
            : throw new FormatException("A recipe without what is expected of it, or the other way round.");

        Dictionary<string, string> BlocksOf(string mark, string language) => blocks
            .Where(block => block.Groups["mark"].Value == mark)
            .ToDictionary(
                block => block.Groups["name"].Value,
                block => block.Groups["language"].Value == language
                    ? block.Groups["text"].Value
                    : throw new FormatException($"{mark} '{block.Groups["name"].Value}' is no block of {language}."));
    }

    private static string[][] LinesOf(string text)
    {
        string[][] programs =
        [
            .. text.Split("\n\n").Select(program => program.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Where(lines => lines.Length > 0),
        ];
        return programs.Length > 0 ? programs : throw new FormatException("Nothing is expected.");
    }

    [GeneratedRegex("<!-- (recipe|expect):")]
    private static partial Regex Mark();

    [GeneratedRegex("^<!-- (?<mark>recipe|expect): (?<name>[a-z0-9-]+) -->\n```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
