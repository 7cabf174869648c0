using System.Buffers.Binary;
using System.Text;
using Mailbox.TestKit;

namespace Mailbox.Fuzz.Throwing;

/// <summary>Opens a WebSocket by hand, sends bytes, and reads frames until the server closes or is silent.</summary>
internal static class Frames
{
    private static readonly HashSet<int> Codes = [1000, 1002, 1007, 1008, 1009, 1012, 4401, 4409];

    public static async Task SendAsync(Uri node, string mailbox, byte[] frames)
    {
        var open = Encoding.Latin1.GetBytes(
            $"GET /v1/mailboxes/{mailbox}?ack=client HTTP/1.1\r\nHost: {node.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mailbox.v1\r\n\r\n");
        // Right behind the handshake, as nobody waits for what is not yet agreed; the server must.
        var (read, _) = await Exchange.RunAsync(node, [.. open, .. frames], Answers.AreWhole);
        var responses = await RawResponses.ParseAsync(read);
        foreach (var response in responses)
        {
            Judge.Check(response);
        }

        var end = read.AsSpan().IndexOf("\r\n\r\n"u8);
        if (responses is [{ Status: 101 }] && end >= 0)
        {
            CheckFrames(read.AsSpan(end + 4));
        }
    }

    private static void CheckFrames(ReadOnlySpan<byte> read)
    {
        while (read.Length >= 2)
        {
            var (opcode, length, at) = (read[0] & 0x0F, read[1] & 0x7F, 2);
            if (length == 126 && read.Length >= 4)
            {
                (length, at) = (BinaryPrimitives.ReadUInt16BigEndian(read[2..]), 4);
            }
            else if (length == 127 && read.Length >= 10)
            {
                (length, at) = ((int)BinaryPrimitives.ReadUInt64BigEndian(read[2..]), 10);
            }

            if (read.Length < at + length)
            {
                return; // cut off
            }

            CheckFrame(opcode, read.Slice(at, length));
            read = read[(at + length)..];
        }
    }

    private static void CheckFrame(int opcode, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case 1:
                StreamJudge.CheckEnvelope(Encoding.UTF8.GetString(payload));
                break;
            case 8 when payload.Length >= 2 && !Codes.Contains(BinaryPrimitives.ReadUInt16BigEndian(payload)):
                throw new FindingException($"Closed with {BinaryPrimitives.ReadUInt16BigEndian(payload)}.");
            case 8 or 9 or 10:
                break;
            default:
                throw new FindingException($"A frame of opcode {opcode}.");
        }
    }
}
