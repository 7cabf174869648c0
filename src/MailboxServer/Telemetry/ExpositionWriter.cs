using System.Globalization;
using System.Text;

namespace Mailbox.Telemetry;

/// <summary>Writes Prometheus's text format, version 0.0.4: HELP, TYPE, then a line for each series.</summary>
internal static class ExpositionWriter
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static byte[] Write(IEnumerable<MetricFamily> families)
    {
        var page = new StringBuilder(16 * 1024);
        foreach (var family in families.OrderBy(family => family.Name, StringComparer.Ordinal))
        {
            var series = family.Series;
            if (series.Count == 0)
            {
                continue;
            }

            page.Append("# HELP ").Append(family.Name).Append(' ').Append(Escaped(family.Help)).Append('\n');
            page.Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Kind.ToString().ToLowerInvariant()).Append('\n');
            foreach (var one in series)
            {
                if (family.Kind == MetricKind.Histogram)
                {
                    WriteHistogram(page, family, one);
                }
                else
                {
                    WriteLine(page, family.Name, one.Tags, null, one.Value);
                }
            }
        }

        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static void WriteHistogram(StringBuilder page, MetricFamily family, MetricSeries series)
    {
        // The count is the last bucket's, so that both are of one moment.
        var buckets = series.ReadBuckets();
        long count = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            count += buckets[i];
            WriteLine(page, family.Name + "_bucket", series.Tags, i < family.Bounds.Count ? TextOf(family.Bounds[i]) : "+Inf", count);
        }

        WriteLine(page, family.Name + "_sum", series.Tags, null, series.Value);
        WriteLine(page, family.Name + "_count", series.Tags, null, count);
    }

    private static void WriteLine(
        StringBuilder page, string name, IReadOnlyList<KeyValuePair<string, object?>> tags, string? bound, double value)
    {
        page.Append(name);
        var opening = '{';
        foreach (var (key, text) in tags)
        {
            Label(PrometheusName.OfLabel(key), Convert.ToString(text, CultureInfo.InvariantCulture) ?? "");
        }

        if (bound is not null)
        {
            Label("le", bound);
        }

        page.Append(opening == ',' ? "} " : " ").Append(TextOf(value)).Append('\n');

        void Label(string label, string text)
        {
            page.Append(opening).Append(label).Append("=\"").Append(Escaped(text).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
            opening = ',';
        }
    }

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string TextOf(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
