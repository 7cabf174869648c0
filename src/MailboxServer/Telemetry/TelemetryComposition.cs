using Mailbox.Mailboxes;

namespace Mailbox.Telemetry;

/// <summary>What a node tells of itself, and to whom.</summary>
internal static class TelemetryComposition
{
    private static bool IsExportAsked => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"));

    public static void AddMailboxTelemetry(this IServiceCollection services)
    {
        services.AddSingleton<NodeGauges>();
        services.AddSingleton(provider => new MetricsPage(provider.GetRequiredService<NodeGauges>(), TimeProvider.System));
        if (IsExportAsked)
        {
            services.AddSingleton<OtlpExport>();
        }
    }

    /// <summary>Begins to measure before the first connection comes: a gauge that missed its beginning would be wrong for ever.</summary>
    public static void UseMailboxTelemetry(this WebApplication app)
    {
        app.Services.GetRequiredService<MetricsPage>();
        if (IsExportAsked)
        {
            app.Services.GetRequiredService<OtlpExport>();
        }

        NodeMetrics.BeginAtZero();
    }
}
