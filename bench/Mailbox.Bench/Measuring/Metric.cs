namespace Mailbox.Bench.Measuring;

/// <summary>What is measured: its column, and how many digits mean something.</summary>
internal sealed record Metric(string Name, string Format)
{
    public static readonly Metric Throughput = new("msg/s", "#,0");
    public static readonly Metric TotalMicros = new("µs CPU/msg", "0.0");
    public static readonly Metric ServerMicros = new("server", "0.0");
    public static readonly Metric RedisMicros = new("Redis", "0.0");
    public static readonly Metric P50 = new("p50 ms", "0.00");
    public static readonly Metric P99 = new("p99 ms", "0.00");
    public static readonly Metric P999 = new("p99.9 ms", "0.00");
    public static readonly Metric ServerMegabytes = new("server MB", "0");
    public static readonly Metric RedisMegabytes = new("Redis MB", "0");
    public static readonly Metric ConnectionKilobytes = new("KB/connection", "0.0");
    public static readonly Metric ServerKilobytes = new("of it server", "0.0");
    public static readonly Metric IdleCpu = new("CPU ms/s", "0.0");
    public static readonly Metric Seconds = new("s", "0.00");
    public static readonly Metric LoadMicros = new("load program", "0.0");

    /// <summary>What others took of the machine while this was measured, this machine's and its host's: the noise.</summary>
    public static readonly Metric Others = new("others %", "0");
}
