using Mailbox.Mailboxes;

namespace Mailbox.Telemetry;

/// <summary>Begins to measure before the first connection comes: a gauge that missed its beginning would be wrong for ever.</summary>
internal static class TelemetryComposition
{
    public static void UseMailboxTelemetry(this WebApplication app)
    {
        app.Services.GetRequiredService<MetricsPage>();
        NodeMetrics.BeginAtZero();
    }
}
