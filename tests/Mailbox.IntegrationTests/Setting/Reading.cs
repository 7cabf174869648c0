using Mailbox.TestKit;

namespace Mailbox.IntegrationTests;

/// <summary>Reads with this assembly's patience.</summary>
internal static class Reading
{
    public static Task<ReceivedEvent> MessageAsync(this IReceiver receiver) => receiver.NextMessageAsync(Patience.Long);

    public static async Task<string[]> TextsAsync(this IReceiver receiver, int count) =>
        [.. (await receiver.NextMessagesAsync(count, Patience.Long)).Select(message => message.Text)];

    public static Task<ReceivedEvent> ControlAsync(this IReceiver receiver, string control) =>
        receiver.NextControlAsync(control, Patience.Long);

    public static Task SilenceAsync(this IReceiver receiver) => receiver.StaysSilentAsync(Patience.Silence);

    /// <summary>The next event is this control event, and nothing came before it.</summary>
    public static async Task<ReceivedEvent> NextIsAsync(this IReceiver receiver, string control)
    {
        var next = await receiver.NextAsync(Patience.Long);
        next.IsControl(control).ShouldBeTrue($"'{control}' was expected, and this came: {next}.");
        return next;
    }

    /// <summary>Everything until the stream ends.</summary>
    public static async Task<IReadOnlyList<ReceivedEvent>> ToEndAsync(this IReceiver receiver)
    {
        var events = new List<ReceivedEvent>();
        while (true)
        {
            var next = await receiver.NextAsync(Patience.Long);
            if (next.Kind == ReceivedKind.End)
            {
                return events;
            }

            events.Add(next);
        }
    }

    /// <summary>m1 … mN</summary>
    public static string[] Numbered(int from, int to) => [.. Enumerable.Range(from, to - from + 1).Select(i => $"m{i}")];
}
