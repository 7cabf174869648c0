using System.Text;

namespace Mailbox.Telemetry;

/// <summary>
/// OpenTelemetry's names as Prometheus has them: <c>mailbox.wake.latency</c> in <c>s</c> is <c>mailbox_wake_latency_seconds</c>,
/// a counter ends in <c>_total</c>. A unit in braces is a remark.
/// </summary>
internal static class PrometheusName
{
    public static string Of(string name, string? unit, MetricKind kind)
    {
        var result = OfLabel(name);
        if (result.EndsWith("_count", StringComparison.Ordinal))
        {
            result = result[..^"_count".Length] + "s"; // only a histogram has a _count
        }

        var suffix = unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (!result.EndsWith(suffix, StringComparison.Ordinal))
        {
            result += suffix;
        }

        return kind == MetricKind.Counter ? result + "_total" : result;
    }

    public static string OfLabel(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            result.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return result.ToString();
    }
}
