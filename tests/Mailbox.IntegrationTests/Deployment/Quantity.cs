using System.Globalization;

namespace Mailbox.IntegrationTests.Deployment;

/// <summary>Amounts as Kubernetes writes them, as far as our manifests do.</summary>
internal static class Quantity
{
    public static long Bytes(string text) => text[^2..] switch
    {
        "Ki" => Number(text) << 10,
        "Mi" => Number(text) << 20,
        "Gi" => Number(text) << 30,
        _ => throw new FormatException($"No amount of memory: {text}"),
    };

    private static long Number(string text) => long.Parse(text[..^2], CultureInfo.InvariantCulture);
}
