using System.Reflection;
using YamlDotNet.RepresentationModel;

namespace Mailbox.IntegrationTests.Deployment;

/// <summary>
/// Which field may stand where. The API server would pass over a field that it does not know, unless it is asked to be
/// strict, and there is none here to ask.
/// </summary>
internal static class KnownFields
{
    private static readonly Dictionary<string, Dictionary<string, string>> Types = Read();

    /// <summary>The paths of what is unknown.</summary>
    public static IEnumerable<string> UnknownIn(Manifest manifest)
    {
        var type = $"{manifest.Text("apiVersion")}/{manifest.Kind}";
        return Types.ContainsKey(type)
            ? UnknownIn(manifest.Root, type, type, isRoot: true)
            : [$"{type} is not in known-fields.txt"];
    }

    private static IEnumerable<string> UnknownIn(YamlNode node, string type, string path, bool isRoot = false)
    {
        if (type == "{}")
        {
            return node is YamlMappingNode map && map.Children.Values.All(value => value is YamlScalarNode) ? [] : [$"{path} is no map of values"];
        }

        if (type.StartsWith("[]", StringComparison.Ordinal))
        {
            return node is YamlSequenceNode list
                ? list.Children.SelectMany((item, i) => UnknownIn(item, type[2..], $"{path}[{i}]"))
                : [$"{path} is no list"];
        }

        if (type.Length == 0)
        {
            return node is YamlMappingNode ? [$"{path} is no value"] : [];
        }

        return node is YamlMappingNode fields
            ? fields.Children.SelectMany(field => UnknownIn(field, Types[type], path, isRoot))
            : [$"{path} is no {type}"];
    }

    private static IEnumerable<string> UnknownIn(
        KeyValuePair<YamlNode, YamlNode> field, Dictionary<string, string> known, string path, bool isRoot)
    {
        var name = ((YamlScalarNode)field.Key).Value!;
        return isRoot && name is "apiVersion" or "kind" ? []
            : known.TryGetValue(name, out var type) ? UnknownIn(field.Value, type, $"{path}.{name}")
            : [$"{path}.{name}"];
    }

    private static Dictionary<string, Dictionary<string, string>> Read()
    {
        using var file = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("Deployment.known-fields.txt")!);
        return file.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(": ", 2))
            .ToDictionary(
                line => line[0],
                line => line[1].Split(' ').Select(field => field.Split(':', 2)).ToDictionary(field => field[0], field => field.ElementAtOrDefault(1) ?? ""));
    }
}
