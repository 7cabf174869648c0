using YamlDotNet.RepresentationModel;

namespace Mailbox.IntegrationTests.Deployment;

/// <summary>One object of a rendered file. Paths are field names with dots between them; a number is a place in a list.</summary>
internal sealed record Manifest(YamlMappingNode Root)
{
    public string Kind => Text("kind")!;

    public string Name => Text("metadata.name")!;

    public bool IsWorkload => Kind is "Deployment" or "StatefulSet";

    public IReadOnlyDictionary<string, string> PodLabels => MapOf(At("spec.template.metadata.labels"));

    public IEnumerable<Manifest> Containers => List("spec.template.spec.containers");

    /// <exception cref="YamlDotNet.Core.YamlException">Not YAML, or a key that comes twice.</exception>
    public static IReadOnlyList<Manifest> ReadAll(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return [.. stream.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>().Select(root => new Manifest(root))];
    }

    public YamlNode? At(string path)
    {
        YamlNode? node = Root;
        foreach (var name in path.Split('.'))
        {
            node = node switch
            {
                YamlMappingNode map => In(map, name) ?? (In(map, "<<") is YamlMappingNode merged ? In(merged, name) : null),
                YamlSequenceNode list => list.Children.ElementAtOrDefault(int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)),
                _ => null,
            };
        }

        return node;
    }

    public string? Text(string path) => (At(path) as YamlScalarNode)?.Value;

    public int Number(string path) => int.Parse(
        Text(path) ?? throw new InvalidOperationException($"{Kind} {Name} has no {path}"), System.Globalization.CultureInfo.InvariantCulture);

    public IReadOnlyDictionary<string, string> Map(string path) => MapOf(At(path));

    /// <summary>The objects of a list, or none.</summary>
    public IEnumerable<Manifest> List(string path) =>
        (At(path) as YamlSequenceNode)?.Children.OfType<YamlMappingNode>().Select(item => new Manifest(item)) ?? [];

    public override string ToString() => $"{Kind} {Name}";

    private static YamlNode? In(YamlMappingNode map, string name) => map.Children.TryGetValue(new YamlScalarNode(name), out var value) ? value : null;

    private static Dictionary<string, string> MapOf(YamlNode? node) =>
        (node as YamlMappingNode)?.Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => ((YamlScalarNode)pair.Value).Value ?? "") ?? [];
}
