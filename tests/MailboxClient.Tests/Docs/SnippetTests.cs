using System.Text.RegularExpressions;
using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests.Docs;

/// <summary>What the pages show compiles, since it stands in <see cref="Snippets"/>, too.</summary>
public sealed partial class SnippetTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Theory]
    [InlineData("docs/client.md")]
    [InlineData("src/MailboxClient/README.md")]
    public async Task Every_block_of_a_page_is_code_that_compiles(string page)
    {
        var code = await File.ReadAllTextAsync(
            Path.Combine(RepositoryRoot.Path, "tests/MailboxClient.Tests/Docs/Snippets.cs"), TestContext.Current.CancellationToken);
        var regions = Region().Matches(code).Select(match => Dedented(match.Groups["text"].Value)).ToList();
        var blocks = Block().Matches(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, page), TestContext.Current.CancellationToken))
            .Select(match => match.Groups["text"].Value.TrimEnd()).ToList();
        blocks.ShouldNotBeEmpty();
        foreach (var block in blocks)
        {
            regions.ShouldContain(block);
        }

        if (page.StartsWith("docs", StringComparison.Ordinal))
        {
            regions.Where(region => !blocks.Contains(region)).ShouldBeEmpty("every region is shown");
        }
    }

    [Fact]
    public async Task The_first_blocks_do_what_they_say()
    {
        var address = server.Node.BaseAddress.ToString();
        (await Snippets.StartAsync(address, Names.Fresh("snippet"))).ShouldBe("hello");
        using var client = new MailboxClient(address);
        var orders = new List<Order>();
        await Snippets.TypedAsync(client, orders);
        orders.ShouldBe([new Order(1, "tea")]);
        await Snippets.SenderAsync(client, ["snippet.a", "snippet.b"]);
        await using var receiver = client.ReceiveAsync("snippet.b");
        (await receiver.TakeAsync(1)).ShouldBe(["The shop is open."]);
    }

    private static string Dedented(string text)
    {
        var lines = text.Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length < indent ? "" : line[indent..])).TrimEnd();
    }

    [GeneratedRegex(@"#region \w+\n(?<text>.*?)\n *#endregion", RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"```csharp\n(?<text>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
