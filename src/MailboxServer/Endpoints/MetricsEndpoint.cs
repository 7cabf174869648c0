using Mailbox.Access;
using Mailbox.Telemetry;

namespace Mailbox.Endpoints;

/// <summary><c>GET /metrics</c>: for Prometheus. It names no mailbox and no caller, but how busy a server is concerns its operators.</summary>
internal sealed class MetricsEndpoint(MetricsPage page, AccessOptions access)
{
    public async Task HandleAsync(HttpContext http)
    {
        if (!access.OpenMetrics)
        {
            RequestReader.DemandAll(http);
        }

        var text = page.Read();
        http.Response.ContentType = ExpositionWriter.ContentType;
        http.Response.ContentLength = text.Length;
        await http.Response.Body.WriteAsync(text, http.RequestAborted);
    }
}
