using Mailbox.Endpoints;
using Mailbox.Transports;

namespace Mailbox;

/// <summary>Puts the node's limits together: what the web server holds by itself, and what is ours.</summary>
internal static class LimitsComposition
{
    /// <summary>Enough for every header that this server reads; what is larger gets 431.</summary>
    private const int MaxHeadersBytes = 32 * 1024;

    private const int MaxHeaders = 100;
    private const int MaxTargetBytes = 8 * 1024;
    private const int StreamsOfOneHttp2Connection = 100;

    /// <summary>A body that comes slower, after five seconds, gets 408.</summary>
    private const double LeastBodyBytesPerSecond = 240;

    private static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(5);

    /// <summary>Longer than most load balancers keep a connection: they close it, and no request meets a closed one.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(130);

    public static void AddMailboxLimits(this WebApplicationBuilder builder, MailboxOptions options)
    {
        var limits = options.Limits;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestLineSize = MaxTargetBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeadersBytes;
            kestrel.Limits.MaxRequestHeaderCount = MaxHeaders;
            kestrel.Limits.RequestHeadersTimeout = limits.HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = KeepAlive;
            kestrel.Limits.MinRequestBodyDataRate = new(LeastBodyBytesPerSecond, RateGrace);
            kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsOfOneHttp2Connection;

            // Above what we count ourselves: with all streams taken, health checks and deliveries are still answered.
            var connections = (long)options.MaxConnections + limits.OtherConnections;
            kestrel.Limits.MaxConcurrentConnections = connections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = connections;
            kestrel.ConfigureEndpointDefaults(listen =>
            {
                var gate = listen.ApplicationServices.GetRequiredService<ConnectionGate>();
                listen.Use(next => connection => gate.RunAsync(connection, next));
            });
        });
        builder.Services.AddSingleton(new ConnectionGate(limits.ConnectionsPerAddress, limits.HeadersTimeout));
        builder.Services.AddSingleton<StreamPlaces>();
        builder.Services.AddSingleton<CallerRates>();
        builder.Services.AddSingleton(new BodyBudget(limits.BodyBytes, limits.BodyTimeout));
    }

    public static void UseMailboxLimits(this WebApplication app)
    {
        if (app.Services.GetRequiredService<MailboxOptions>().Limits.FramesPerSecond is > 0 and var frames)
        {
            app.Use((http, next) =>
            {
                MeteredSockets.Meter(http.Features, frames);
                return next(http);
            });
        }
    }
}
