namespace Mailbox.Telemetry;

/// <summary>What a family of series is on the page.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
