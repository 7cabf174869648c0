using System.Diagnostics;
using Mailbox.Contracts;

namespace Mailbox.TestKit;

/// <summary>The reads that most tests want.</summary>
public static class ReceiverReading
{
    /// <summary>The next message; passes over <c>open</c> and nothing else.</summary>
    /// <exception cref="InvalidOperationException">Something else came.</exception>
    public static async Task<ReceivedEvent> NextMessageAsync(
        this IReceiver receiver, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var watch = Stopwatch.StartNew();
        var next = await receiver.NextAsync(timeout, cancellationToken);
        if (next.IsControl(ControlEvents.Open))
        {
            next = await receiver.NextAsync(Left(timeout, watch), cancellationToken);
        }

        return next.Kind == ReceivedKind.Message
            ? next
            : throw new InvalidOperationException($"A message was expected, and this came: {next}.");
    }

    /// <summary>So many messages, with nothing but an <c>open</c> between them; each within the timeout: how fast the sender is does not count.</summary>
    public static async Task<IReadOnlyList<ReceivedEvent>> NextMessagesAsync(
        this IReceiver receiver, int count, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var messages = new List<ReceivedEvent>(count);
        while (messages.Count < count)
        {
            messages.Add(await receiver.NextMessageAsync(timeout, cancellationToken));
        }

        return messages;
    }

    /// <summary>The next control event of this name; passes over everything but the end.</summary>
    public static async Task<ReceivedEvent> NextControlAsync(
        this IReceiver receiver, string control, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var next = await receiver.NextAsync(Left(timeout, watch), cancellationToken);
            if (next.IsControl(control))
            {
                return next;
            }

            if (next.Kind == ReceivedKind.End)
            {
                throw new InvalidOperationException($"'{control}' was expected, and the stream ended.");
            }
        }
    }

    /// <summary>Nothing comes for this long: no message, no control event, no end.</summary>
    /// <exception cref="InvalidOperationException">Something came.</exception>
    public static async Task StaysSilentAsync(
        this IReceiver receiver, TimeSpan time, CancellationToken cancellationToken = default)
    {
        ReceivedEvent next;
        try
        {
            next = await receiver.NextAsync(time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return;
        }

        throw new InvalidOperationException($"Silence was expected, and this came: {next}.");
    }

    private static TimeSpan Left(TimeSpan timeout, Stopwatch watch) =>
        timeout > watch.Elapsed ? timeout - watch.Elapsed : TimeSpan.Zero;
}
