using System.Diagnostics;

namespace Mailbox.Mailboxes;

/// <summary>
/// The spans of a message's way, by OpenTelemetry's conventions for messaging: its delivery, and its writing to a receiver,
/// on whichever node that is. Without somebody who listens there are none, and the sender's own context goes with the message.
/// </summary>
internal static class NodeTraces
{
    private static readonly ActivitySource Source = new(NodeMetrics.Name, typeof(NodeTraces).Assembly.GetName().Version?.ToString(3));

    /// <summary>Null when nobody listens.</summary>
    public static Activity? Deliver(string mailbox, MessageTrace? sender)
    {
        var activity = Source.StartActivity("mailbox.deliver", ActivityKind.Producer, sender?.ToContext() ?? default);
        activity?.SetTag("messaging.system", "mailbox").SetTag("messaging.operation.name", "deliver").SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", mailbox);
        return activity;
    }

    /// <summary>A message was written and flushed. It continues its sender's trace, and is linked to it.</summary>
    public static void Write(string mailbox, Message message, DateTimeOffset began)
    {
        if (message.Trace?.ToContext() is not { } context || !Source.HasListeners())
        {
            return;
        }

        using var activity = Source.StartActivity("mailbox.write", ActivityKind.Consumer, context, links: [new ActivityLink(context)], startTime: began);
        activity?.SetTag("messaging.system", "mailbox").SetTag("messaging.operation.name", "write").SetTag("messaging.operation.type", "receive")
            .SetTag("messaging.destination.name", mailbox).SetTag("messaging.message.id", message.Id.ToString());
    }
}
