using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Mailbox.Client.Diagnostics;

/// <summary>Traces and figures by OpenTelemetry's names for messaging. Mailbox names are many: they are in traces, not in figures.</summary>
internal static class ClientDiagnostics
{
    private const string System = "mailbox";

    private static readonly string? Version =
        typeof(ClientDiagnostics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private static readonly ActivitySource Source = new(MailboxClient.DiagnosticsName, Version);
    private static readonly Meter Meter = new(MailboxClient.DiagnosticsName, Version);

    private static readonly Counter<long> SentMessages = Meter.CreateCounter<long>(
        "messaging.client.sent.messages", "{message}", "Messages that were sent, per result.");

    private static readonly Counter<long> ConsumedMessages = Meter.CreateCounter<long>(
        "messaging.client.consumed.messages", "{message}", "Messages that were given to a loop.");

    private static readonly Histogram<double> OperationDuration = Meter.CreateHistogram<double>(
        "messaging.client.operation.duration", "s", "How long sending took, with its retries.");

    /// <summary>A loop is given this message: counted, and a moment in its sender's trace.</summary>
    public static void Received(MailboxMessage message)
    {
        ConsumedMessages.Add(1, new("messaging.system", System), new("messaging.operation.name", "receive"));
        if (message.TraceParent is null || !ActivityContext.TryParse(message.TraceParent, message.TraceState, isRemote: true, out var sender))
        {
            return;
        }

        using var activity = Source.StartActivity(ActivityKind.Consumer, sender, links: [new ActivityLink(sender)], name: "receive");
        activity?.SetTag("messaging.system", System);
        activity?.SetTag("messaging.operation.name", "receive");
        activity?.SetTag("messaging.operation.type", "receive");
        activity?.SetTag("messaging.destination.name", message.Mailbox);
        activity?.SetTag("messaging.message.id", message.Id);
    }

    /// <param name="mailbox">Null for many.</param>
    /// <param name="count">How many messages.</param>
    /// <param name="sendAsync">Sends; what it returns names the message, or is null.</param>
    public static async Task<T> SendingAsync<T>(string? mailbox, int count, Func<Task<T>> sendAsync)
    {
        using var activity = Source.StartActivity("send", ActivityKind.Producer);
        activity?.SetTag("messaging.system", System);
        activity?.SetTag("messaging.operation.name", "send");
        activity?.SetTag("messaging.operation.type", "send");
        activity?.SetTag("messaging.destination.name", mailbox);
        if (count != 1)
        {
            activity?.SetTag("messaging.batch.message_count", count);
        }

        var began = Stopwatch.GetTimestamp();
        string? error = null;
        try
        {
            var result = await sendAsync().ConfigureAwait(false);
            if (result is Contracts.DeliveryResult { Id: { } id })
            {
                activity?.SetTag("messaging.message.id", id);
            }

            return result;
        }
        catch (Exception exception)
        {
            error = exception is MailboxException { Status: > 0 } refused ? $"{refused.Status}" : exception.GetType().FullName!;
            activity?.SetTag("error.type", error);
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
        finally
        {
            var tags = new TagList { { "messaging.system", System }, { "messaging.operation.name", "send" } };
            if (error is not null)
            {
                tags.Add("error.type", error);
            }

            SentMessages.Add(count, tags);
            OperationDuration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, tags);
        }
    }
}
