using System.Globalization;
using System.Text;
using Mailbox.Mailboxes;

namespace Mailbox.Bench.Micro;

/// <summary>One message of a kind, in every form that it has on its way.</summary>
internal sealed class Payload
{
    public static readonly Identifier Receiver = new(0xCCCC_0123_4567_89AB);

    private const string Nonce = "0123456789abcdef";
    private static readonly Identifier Generation = new(0xA0A0_0123_4567_89AB);

    private Payload(byte[] body, string contentType)
    {
        Body = body;
        Entry = [.. Encoding.ASCII.GetBytes(
            $"\u0001{{\"nonce\":\"{Nonce}\",\"time\":1766000000000,\"contentType\":\"{contentType}\"}}\n"), .. body];
        Wake = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"\u00027 {new Identifier(0xEE)} {Generation} {Place.Sequence} {new Identifier(0xDD)}\n")), .. Entry];
    }

    /// <summary>A bare body, which is a whole entry, too.</summary>
    public byte[] Body { get; }

    /// <summary>As the list has it.</summary>
    public byte[] Entry { get; }

    /// <summary>As a wake carries it.</summary>
    public byte[] Wake { get; }

    public static Position Place { get; } = new(Generation, 123_456, new Identifier(0x0123_4567_89AB_CDEF));

    public static Payload Of(PayloadKind kind) => kind switch
    {
        PayloadKind.Text200B => new Payload(Encoding.ASCII.GetBytes(new string('x', 200)), "text/plain"),
        PayloadKind.Json1KiB => new Payload(Encoding.ASCII.GetBytes($"{{\"items\":[{string.Join(',', Enumerable.Range(100_000, 144))}]}}"), "application/json"),
        _ => new Payload(RandomBytes(16 * 1024), "application/octet-stream"),
    };

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
