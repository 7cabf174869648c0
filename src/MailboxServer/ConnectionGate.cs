using System.Net;
using Mailbox.Endpoints;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Mailbox;

/// <summary>
/// Stands before the web server, at each TCP connection: so many from one address, and only those that say something. The
/// server itself gives a connection without a first byte as long as one between two requests. Thread-safe.
/// </summary>
internal sealed class ConnectionGate(int perAddress, TimeSpan patience)
{
    private readonly Counts _open = new(perAddress);

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = connection.RemoteEndPoint is IPEndPoint remote ? Callers.AddressOf(remote.Address) : null;
        if (address is not null && !_open.TryAdd(address))
        {
            connection.Abort(new ConnectionAbortedException("Too many connections from one address."));
            return;
        }

        try
        {
            if (await SpeaksAsync(connection))
            {
                await next(connection);
            }
        }
        finally
        {
            if (address is not null)
            {
                _open.Remove(address);
            }
        }
    }

    /// <summary>In every protocol here the client begins. What it says is left for who reads it.</summary>
    private async ValueTask<bool> SpeaksAsync(ConnectionContext connection)
    {
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var until = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, stopping);
        until.CancelAfter(patience);
        var input = connection.Transport.Input;
        try
        {
            var read = await input.ReadAsync(until.Token);
            input.AdvanceTo(read.Buffer.Start);
            return true;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            connection.Abort(new ConnectionAbortedException("Nothing was said in time."));
            return false;
        }
    }
}
