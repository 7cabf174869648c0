using System.Buffers.Binary;
using System.Text;
using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>WebSocket frames (RFC 6455 section 5.2), right and mangled. The mask is zero, so that a file shows what they say.</summary>
internal sealed class FramesFamily : IFamily
{
    public string Name => "frames";

    public Input Next(Chance chance)
    {
        var frames = new List<byte>();
        for (var left = 1 + chance.Below(4); left > 0; left--)
        {
            frames.AddRange(Frame(chance));
        }

        var bytes = frames.ToArray();
        return new Input(InputKind.Frames, Name, chance.OneIn(4) ? chance.Mutated(bytes) : bytes);
    }

    private static byte[] Frame(Chance chance)
    {
        var opcode = chance.OneIn(8) ? chance.Below(16) : chance.Of(1, 1, 1, 0, 2, 8, 9, 10);
        var payload = opcode switch
        {
            8 => chance.OneIn(2) ? [(byte)(chance.Below(20)), (byte)chance.Below(256), .. Encoding.Latin1.GetBytes(chance.Text())] : [],
            1 when !chance.OneIn(3) => Encoding.Latin1.GetBytes(Ack(chance)),
            _ => Encoding.Latin1.GetBytes(chance.Text()),
        };
        var first = (byte)((chance.OneIn(6) ? 0 : 0x80) | (chance.OneIn(12) ? chance.Below(8) << 4 : 0) | opcode);
        var mask = (byte)(chance.OneIn(12) ? 0 : 0x80);
        var length = chance.OneIn(15) ? (ulong)chance.Below(int.MaxValue) << chance.Below(33) : (ulong)payload.Length;
        var head = new List<byte> { first };
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, length);
        if (length < 126)
        {
            head.Add((byte)(mask | (byte)length));
        }
        else if (length <= ushort.MaxValue)
        {
            head.Add((byte)(mask | 126));
            head.AddRange(number[6..]);
        }
        else
        {
            head.Add((byte)(mask | 127));
            head.AddRange(number);
        }

        return [.. head, .. mask == 0 ? Array.Empty<byte>() : [0, 0, 0, 0], .. payload];
    }

    private static string Ack(Chance chance) => chance.Below(3) switch
    {
        0 => JsonText.Object(chance, ("ack", JsonText.Value(chance))),
        1 => $$"""{"ack":"{{new string('A', 43)}}"}""",
        _ => chance.Mutated("""{"ack":"AQAAAAAAAAEgEl_g2upvYbdF0hfWHP79XmxzAK8jMh0"}"""),
    };
}
