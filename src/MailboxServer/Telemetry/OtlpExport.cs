using Mailbox.Mailboxes;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Mailbox.Telemetry;

/// <summary>
/// Sends metrics and traces to a collector, by OpenTelemetry's own settings (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its
/// kin). Nothing of it is loaded on a node that is not told where to send to.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private readonly MeterProvider _metrics;
    private readonly TracerProvider _traces;

    public OtlpExport(Node node)
    {
        // What the environment says of the resource goes over ours.
        var resource = ResourceBuilder.CreateEmpty().AddService("mailbox", serviceVersion: node.Version, serviceInstanceId: node.Id)
            .AddTelemetrySdk().AddEnvironmentVariableDetector();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
            .AddMeter(NodeMetrics.Name, "System.Runtime").AddOtlpExporter().Build();
        var traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(NodeMetrics.Name).AddOtlpExporter();
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_TRACES_SAMPLER")))
        {
            // A trace begins with its sender: of a delivery that brings none, there is none.
            traces.SetSampler(new ParentBasedSampler(new AlwaysOffSampler()));
        }

        _traces = traces.Build();
    }

    /// <summary>Sends what is left; waits for the collector for a few seconds at most.</summary>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }
}
