using System.Buffers;
using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>
/// Writes the messages of one mailbox of several: always as envelopes, which say whose they are, and with the places in all
/// mailboxes behind each. These grow with the list, so a longer list has them behind the last message alone of what is flushed
/// together: who is cut off in between gets that again (G2).
/// </summary>
internal static class SeatWriter
{
    /// <summary>The longest list that has its places at every message: at most 1.6 KB, 1.2 while its mailboxes are young.</summary>
    public const int MostForEachMessage = 50;

    public static void WriteEvents(IBufferWriter<byte> output, SessionEvent next, SessionSeat seat)
    {
        for (var i = 0; i < next.Messages.Length; i++)
        {
            if (Passes(next, seat, i))
            {
                SseWriter.WriteId(output, seat.Places!);
            }

            output.Write("data: "u8);
            EnvelopeWriter.WriteMessage(output, next.Messages[i], next.Cursor.Receiver, seat);
            output.Write("\n\n"u8);
        }
    }

    public static void WriteLines(IBufferWriter<byte> output, SessionEvent next, SessionSeat seat)
    {
        for (var i = 0; i < next.Messages.Length; i++)
        {
            EnvelopeWriter.WriteMessage(output, next.Messages[i], next.Cursor.Receiver, seat, withPlaces: Passes(next, seat, i));
            output.Write("\n"u8);
        }
    }

    /// <summary>Whether the places behind this message are told.</summary>
    private static bool Passes(SessionEvent next, SessionSeat seat, int index)
    {
        if (seat.Places is not { } places)
        {
            return false; // each message's own cursor is all there is
        }

        places.Move(seat.Index, next.Messages[index].Position);
        return places.Count <= MostForEachMessage || index == next.Messages.Length - 1;
    }
}
