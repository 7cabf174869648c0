using System.Collections.Concurrent;
using System.Net;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Telemetry;

/// <summary>A collector on the loopback that takes OTLP over HTTP, and keeps what it was sent. Nothing of it is decoded.</summary>
internal sealed class CollectorStandIn : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _sent = new();

    public CollectorStandIn()
    {
        Address = $"http://127.0.0.1:{FreePorts.Take()}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = AnswerAsync();
    }

    public string Address { get; }

    /// <summary>What a node is told, so that it sends here, and soon.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", Address),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
    ];

    /// <summary>How often this is in what was sent to this path.</summary>
    public int CountOf(string path, ReadOnlySpan<byte> what)
    {
        var count = 0;
        foreach (var (to, body) in _sent)
        {
            var rest = to == path ? body.AsSpan() : default;
            while (rest.IndexOf(what) is var at and >= 0)
            {
                count++;
                rest = rest[(at + what.Length)..];
            }
        }

        return count;
    }

    public void Dispose() => _listener.Close();

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                _sent.Enqueue((context.Request.Url!.AbsolutePath, body.ToArray()));
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
