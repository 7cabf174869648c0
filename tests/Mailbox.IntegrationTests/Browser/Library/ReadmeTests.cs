using System.Text.RegularExpressions;
using Mailbox.TestKit;
using static Microsoft.Playwright.Assertions;

namespace Mailbox.IntegrationTests.Browser.Library;

/// <summary>README's page works as it stands there.</summary>
[Collection(BrowserTests.Name)]
public partial class ReadmeTests(BrowserFixture fixture)
{
    [Fact]
    public async Task The_page_of_the_readme_receives_what_it_delivers()
    {
        var script = Script().Match(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "README.md"))).Groups["script"].Value;
        script.ShouldContain("/mailbox.js");
        await using var page = await fixture.OpenPageAsync();

        await page.Page.AddScriptTagAsync(new() { Type = "module", Content = script });

        await Expect(page.Page.Locator("body")).ToContainTextAsync("hello from the page");
        page.ShouldHaveNoErrors();
    }

    [GeneratedRegex("<!-- page: receive -->\n```html\n<script type=\"module\">\n(?<script>.*?)</script>\n```", RegexOptions.Singleline)]
    private static partial Regex Script();
}
