using Microsoft.AspNetCore.Http.Features;

namespace Mailbox.Transports;

/// <summary>Puts a meter under a WebSocket, over HTTP/1.1 and HTTP/2, before the socket is made of the connection.</summary>
internal static class MeteredSockets
{
    /// <summary>Nothing happens for requests that are no upgrade.</summary>
    public static void Meter(IFeatureCollection features, int framesPerSecond)
    {
        if (features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            var meter = new FrameMeter(framesPerSecond);
            features.Set(meter);
            features.Set<IHttpUpgradeFeature>(new Upgrade(upgrade, meter));
        }
        else if (features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            var meter = new FrameMeter(framesPerSecond);
            features.Set(meter);
            features.Set<IHttpExtendedConnectFeature>(new Connect(connect, meter));
        }
    }

    private sealed class Upgrade(IHttpUpgradeFeature inner, FrameMeter meter) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => inner.IsUpgradableRequest;

        public async Task<Stream> UpgradeAsync() => new MeteredStream(await inner.UpgradeAsync(), meter);
    }

    private sealed class Connect(IHttpExtendedConnectFeature inner, FrameMeter meter) : IHttpExtendedConnectFeature
    {
        public bool IsExtendedConnect => inner.IsExtendedConnect;

        public string? Protocol => inner.Protocol;

        public async ValueTask<Stream> AcceptAsync() => new MeteredStream(await inner.AcceptAsync(), meter);
    }
}
