using System.Globalization;
using System.Text.RegularExpressions;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Recipes;

/// <summary>
/// The node that README's reader has: Development, with an engine of its own, on the ports that README names. Where one of
/// these is taken here, another stands in for it, in the node and in the text.
/// </summary>
public sealed partial class ReadmeNode : IAsyncLifetime
{
    private string _text = "";
    private MailboxNode _node = null!;

    internal IReadOnlyList<Recipe> Recipes { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        _ = Tools.Find("bash", "install bash");
        _ = Tools.Find("curl", "apt-get install curl");
        _ = Tools.Find("redis-cli", "apt-get install redis-tools");
        _ = Tools.Find("redis-server", "apt-get install redis-server");

        _text = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "README.md"));
        var nodePort = Settle(NodePort());
        var enginePort = Settle(EnginePort());
        Recipes = Recipe.Read(_text);
        _node = await MailboxNode.StartAsync(new MailboxNodeOptions
        {
            Environment = "Development",
            Port = nodePort,
            Settings = new Dictionary<string, string>
            {
                ["Mailbox:Embedded:Port"] = enginePort.ToString(CultureInfo.InvariantCulture),
            },
            StartDeadline = Patience.Start,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
    }

    private int Settle(Regex pattern)
    {
        var match = pattern.Match(_text);
        match.Success.ShouldBeTrue($"README names no port: {pattern}");
        var named = int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture);
        (_text, var port) = RecipePorts.Settle(_text, named);
        return port;
    }

    [GeneratedRegex("http://127\\.0\\.0\\.1:(?<port>[0-9]+)/v1/")]
    private static partial Regex NodePort();

    [GeneratedRegex("Mailbox__Embedded__Port=(?<port>[0-9]+) \\./dev run")]
    private static partial Regex EnginePort();
}
