using System.Security.Cryptography;

namespace Mailbox.Fuzz.Inputs;

/// <summary>The folder of inputs that were worth keeping: each run begins with them.</summary>
internal static class Kept
{
    public static IReadOnlyList<Input> Load(string directory) =>
    [
        .. Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).Select(file => new Input(
            Enum.Parse<InputKind>(Path.GetExtension(file)[1..], ignoreCase: true), Path.GetFileName(file), File.ReadAllBytes(file))),
    ];

    /// <returns>The file's name, which is the same for the same input.</returns>
    public static string Save(string directory, string prefix, Input input)
    {
        Directory.CreateDirectory(directory);
        var name = $"{prefix}-{Convert.ToHexStringLower(SHA256.HashData(input.Bytes))[..12]}.{input.Kind.ToString().ToLowerInvariant()}";
        File.WriteAllBytes(Path.Combine(directory, name), input.Bytes);
        return name;
    }
}
