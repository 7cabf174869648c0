using System.Globalization;
using Mailbox.Contracts;

namespace Mailbox.Client.Receiving;

/// <summary>
/// Makes of what a connection says what the loop is to see. After a reconnect the server gives again what was not
/// acknowledged; what the loop has, or will get from the buffer, is passed over.
/// </summary>
internal sealed class EventTaker(Seat seat)
{
    private string _generation = "";
    private long _last;
    private bool _isResuming;

    /// <returns>Null: nothing for the loop.</returns>
    /// <exception cref="MailboxReplacedException">For good.</exception>
    public MailboxEvent? Take(StreamEvent next)
    {
        var wasResuming = _isResuming;
        _isResuming = next.Control == ControlEvents.Open;
        switch (next.Control)
        {
            case null:
                return TakeMessage(next);
            case ControlEvents.Open:
                // On a resume the place is our own: the cursor would step back behind what was given.
                if (seat.Acks.Position is null && seat.Acks.IsAllDone && next.Cursor is not null)
                {
                    seat.Acks.Begin(next.Cursor);
                }

                return null;
            case ControlEvents.Gap:
                return TakeGap(next);
            case ControlEvents.Reset:
                TakeReset(next, wasResuming);
                return new MailboxReset(seat.Mailbox, next.Reason ?? "");
            case ControlEvents.Replaced:
                throw new MailboxReplacedException(seat.Mailbox);
            default:
                return null; // the stream ends after it, or a newer server says more
        }
    }

    private MailboxMessage? TakeMessage(StreamEvent next)
    {
        var dash = next.Id!.LastIndexOf('-');
        if (dash < 0 || !long.TryParse(next.Id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            throw new System.Text.Json.JsonException($"'{next.Id}' is no message id.");
        }

        if (next.Id.AsSpan(0, dash).SequenceEqual(_generation) && sequence <= _last)
        {
            return null;
        }

        if (!next.Id.AsSpan(0, dash).SequenceEqual(_generation))
        {
            _generation = next.Id[..dash];
        }

        _last = sequence;
        seat.Acks.Add(next.Cursor!);
        return new MailboxMessage(seat, next);
    }

    private MailboxGap? TakeGap(StreamEvent next)
    {
        if (next.To <= _last)
        {
            return null;
        }

        // What the loop has got is not lost, though it had not been acknowledged when it was dropped.
        var from = Math.Max(next.From, _last + 1);
        _last = next.To;
        if (next.Cursor is not null)
        {
            seat.Acks.AddDone(next.Cursor);
        }

        return new MailboxGap(seat.Mailbox, from, next.To, next.Reason ?? "");
    }

    /// <summary>
    /// On a resume, what follows begins anew behind the place that was presented; under a live stream, behind what was given.
    /// After a loss no place of before exists: presented at the next reconnect it would be a loss again, and all come twice.
    /// </summary>
    private void TakeReset(StreamEvent next, bool isResuming)
    {
        (_generation, _last) = ("", 0);
        if (isResuming || next.Reason == ResetReasons.Lost)
        {
            seat.Acks.Begin(next.Cursor);
        }
        else if (next.Cursor is not null)
        {
            seat.Acks.AddDone(next.Cursor);
        }
    }
}
