using Mailbox.Access;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;
using Mailbox.Pages;
using Mailbox.Proxy;
using Mailbox.Redis;
using Mailbox.Telemetry;
using Microsoft.Extensions.Logging.Console;

namespace Mailbox;

/// <summary>Puts the server together: who is made of what, and what a request passes through.</summary>
internal static class Composition
{
    private const string RequestLog = "Microsoft.AspNetCore.Hosting.Diagnostics";

    public static void ConfigureMailboxServer(this WebApplicationBuilder builder, MailboxOptions options)
    {
        // A line of a request ends with CR LF: where one server takes a bare LF for an end and the one before it does not,
        // they see different headers.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.AddMailboxLimits(options);
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = endpoint =>
        {
            AccessCheck.CheckAddress(options.Access, endpoint);
            return ListenSocket.Create(endpoint, options.WriteDeadline);
        });

        // A start that fails is told in one line by Program; the host would tell it first, with its stack.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);

        // One line and one scope for each request, with its path and its query: names and tokens, whatever level is set. The
        // rule of a provider would go before one without, so there is one for the console as well.
        builder.Logging.AddFilter(RequestLog, LogLevel.None);
        builder.Logging.AddFilter<ConsoleLoggerProvider>(RequestLog, LogLevel.None);

        options.Console.Enabled ??= builder.Environment.IsDevelopment();
        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainWindow + TimeSpan.FromSeconds(10));
        services.AddSingleton(options);
        services.AddSingleton<Node>();
        services.AddSingleton(new SessionRegistry(new SessionClock
        {
            Heartbeat = options.Heartbeat,
            Sweep = options.Sweep,
            WriteDeadline = options.WriteDeadline,
        }));
        services.AddSingleton(new MailboxKeys(options.Redis.KeyPrefix));
        services.AddSingleton<RedisScripts>();
        services.AddSingleton(provider => new RedisConnection(
            options.Redis.ConnectionString!, options.Redis.Deadline, provider.GetRequiredService<ILogger<RedisConnection>>()));
        services.AddSingleton(provider => new RedisWakeSource(
            provider.GetRequiredService<RedisConnection>(),
            provider.GetRequiredService<MailboxKeys>(),
            provider.GetRequiredService<Node>().Id,
            options.Redis.Deadline,
            provider.GetRequiredService<ILogger<RedisWakeSource>>()));
        services.AddSingleton<IWakeSource>(provider => provider.GetRequiredService<RedisWakeSource>());
        services.AddSingleton<RedisMailboxStore>();
        services.AddSingleton<IMailboxStore>(StoreOf);
        services.AddSingleton<IGroupStore, RedisGroupStore>();
        services.AddSingleton<GroupMembers>();
        services.AddSingleton<GroupFanOut>();
        services.AddSingleton<TenantCounts>();
        services.AddSingleton<VersionMarker>();
        services.AddSingleton<FunctionLibrary>();
        services.AddSingleton<NodeDirectory>();
        services.AddSingleton<EngineInspector>();
        services.AddSingleton<ITickets, RedisTickets>();
        services.AddSingleton<IOpenLists, RedisOpenLists>();
        services.AddSingleton<Revocations>();
        services.AddSingleton<RevocationList>();
        services.AddMailboxTelemetry();
        services.AddHostedService<NodeService>();
        services.AddHostedService<GroupService>();
        if (options.Limits.CountsTenants)
        {
            services.AddHostedService<TenantRecount>();
        }

        if (options.Console.IsOn)
        {
            services.AddHostedService<ConsoleService>();
        }

        if (options.Events.Enabled)
        {
            // The system's own mailbox is no tenant's.
            services.AddSingleton(provider => new EventReporter(
                provider.GetRequiredService<RedisMailboxStore>(), provider.GetRequiredService<SessionRegistry>(), provider.GetRequiredService<Node>()));
            services.AddHostedService<EventService>();
            services.AddHostedService<MailboxWatch>();
        }

        services.AddAccess(options.Access);
        services.AddMailboxEndpoints();
        builder.AddProxy(options.Proxy);
    }

    public static void UseMailboxServer(this WebApplication app)
    {
        app.UseMailboxTelemetry();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseProxy(app.Services.GetRequiredService<MailboxOptions>().Proxy);
        app.UseMiddleware<TargetMiddleware>();
        app.UseRouting();
        app.UseMailboxLimits(); // before the WebSockets, which take the connection over
        app.UseWebSockets();
        app.UseAccess();
        app.MapOpenApi("/openapi/v1.json").AllowAnonymous();
        app.MapMailboxEndpoints();
        app.MapPages(app.Services.GetRequiredService<MailboxOptions>().Console);
    }

    /// <summary>Who does not count tenants does not pay for it.</summary>
    private static IMailboxStore StoreOf(IServiceProvider provider) =>
        provider.GetRequiredService<MailboxOptions>().Limits.CountsTenants
            ? new TenantStore(provider.GetRequiredService<RedisMailboxStore>(), provider.GetRequiredService<TenantCounts>())
            : provider.GetRequiredService<RedisMailboxStore>();
}
