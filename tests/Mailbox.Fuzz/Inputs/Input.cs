using System.Text;

namespace Mailbox.Fuzz.Inputs;

/// <summary>One thing to throw at the server. A file can keep it: what only a run knows stands in it as <see cref="Template"/>.</summary>
/// <param name="Family">Who made it, or the file that it was read from.</param>
internal sealed record Input(InputKind Kind, string Family, byte[] Bytes)
{
    public static Input Of(InputKind kind, string family, string latin1) => new(kind, family, Encoding.Latin1.GetBytes(latin1));

    /// <summary>The beginning, for people.</summary>
    public override string ToString()
    {
        var shown = new StringBuilder($"{Kind} of {Family}, {Bytes.Length} bytes: ");
        foreach (var b in Bytes.AsSpan(0, Math.Min(Bytes.Length, 300)))
        {
            shown.Append(b is >= (byte)' ' and <= (byte)'~' ? ((char)b).ToString() : $"\\x{b:x2}");
        }

        return shown.ToString();
    }
}
