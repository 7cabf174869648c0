using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.Redis;

namespace Mailbox.Endpoints;

/// <summary>What probes and operators ask.</summary>
internal sealed class HealthEndpoint(
    Node node, RedisConnection connection, RedisWakeSource wakes, SessionRegistry sessions, NodeDirectory directory, EngineInspector inspector)
{
    /// <summary>A node whose own wakes have not arrived for this long, while commands work, serves late: others shall.</summary>
    private static readonly TimeSpan WakePatience = TimeSpan.FromSeconds(10);

    public static Task LiveAsync(HttpContext http) => WriteAsync(http, StatusCodes.Status200OK, "live");

    /// <summary>
    /// With Redis away the node stays ready and says degraded: otherwise every node would go unready at once, and the
    /// ingress would answer instead of us.
    /// </summary>
    public Task ReadyAsync(HttpContext http)
    {
        var (status, state) = node.State switch
        {
            NodeState.Starting => (503, "starting"),
            NodeState.Draining => (503, "draining"),
            _ when connection.Primaries.IsAnySilent => (200, "degraded"),
            _ when wakes.FailingFor > WakePatience => (503, "wakes-failing"),
            _ => (200, "ready"),
        };
        return WriteAsync(http, status, state);
    }

    public async Task InfoAsync(HttpContext http)
    {
        var info = new ServerInfo
        {
            Node = node.Id,
            Version = node.Version,
            State = node.State.ToString().ToLowerInvariant(),
            Contract = VersionMarker.Contract,
            Connections = sessions.Count,
            WakeChannels = wakes.ChannelCount,
            Store = await StoreAsync(http.RequestAborted),
        };
        await http.Response.WriteAsJsonAsync(info, MailboxJsonContext.Default.ServerInfo, cancellationToken: http.RequestAborted);
    }

    public async Task NodesAsync(HttpContext http)
    {
        RequestReader.DemandAll(http);
        await http.Response.WriteAsJsonAsync(
            await directory.ListAsync(http.RequestAborted), MailboxJsonContext.Default.NodeList, cancellationToken: http.RequestAborted);
    }

    private async Task<StoreInfo> StoreAsync(CancellationToken cancellation)
    {
        try
        {
            return await inspector.InspectAsync(cancellation);
        }
        catch (StoreException)
        {
            return new StoreInfo { State = "away" };
        }
    }

    private static async Task WriteAsync(HttpContext http, int status, string state)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync($$"""{"status":"{{state}}"}""", http.RequestAborted);
    }
}
