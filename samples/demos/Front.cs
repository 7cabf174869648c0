using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;

namespace Demos;

/// <summary>
/// What a load balancer is to a browser: one address before several nodes. Each connection goes to the first node that takes it,
/// and ends when that one does; the page then comes back, and is led to another. It keeps nothing and needs no sticky sessions.
/// </summary>
internal sealed class Front(int port, IReadOnlyList<DemoNode> nodes) : BackgroundService
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start(); // here, so that a port that is taken ends the program
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _listener.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            _ = RelayAsync(await _listener.AcceptSocketAsync(stoppingToken), stoppingToken);
        }
    }

    private async Task RelayAsync(Socket browser, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var _ = browser;
        try
        {
            browser.NoDelay = true;
            foreach (var node in nodes)
            {
                using var connection = await node.ConnectAsync(end.Token);
                if (connection is not null)
                {
                    await using var up = new NetworkStream(connection);
                    await using var down = new NetworkStream(browser);
                    var both = new[] { down.CopyToAsync(up, end.Token), up.CopyToAsync(down, end.Token) };
                    await Task.WhenAny(both);
                    await end.CancelAsync();
                    await Task.WhenAll(both);
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // One side has gone, so the other is closed as well.
        }
    }
}
