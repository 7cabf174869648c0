using Mailbox.Client;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a <see cref="MailboxClient"/> to a program's services.</summary>
public static class MailboxClientServices
{
    /// <summary>
    /// Adds the <see cref="MailboxClient"/>, one for the program. It logs to the program's loggers and runs by its
    /// <see cref="TimeProvider"/>, if it has one registered. Options that cannot work throw when the client is first asked for.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">At least <see cref="MailboxClientOptions.BaseAddresses"/>.</param>
    /// <returns>For handlers of requests and opens: authentication, proxies, certificates.</returns>
    public static IHttpClientBuilder AddMailboxClient(this IServiceCollection services, Action<MailboxClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddSingleton(provider => NewClient(provider, MailboxClient.DiagnosticsName, configure));
        return AddHttp(services, MailboxClient.DiagnosticsName);
    }

    /// <summary>As <see cref="AddMailboxClient"/>, for one of several clients: <c>[FromKeyedServices("billing")] MailboxClient client</c>.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="serviceKey">Names the client.</param>
    /// <param name="configure">At least <see cref="MailboxClientOptions.BaseAddresses"/>.</param>
    /// <returns>For handlers of requests and opens: authentication, proxies, certificates.</returns>
    public static IHttpClientBuilder AddKeyedMailboxClient(
        this IServiceCollection services, object serviceKey, Action<MailboxClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(serviceKey);
        ArgumentNullException.ThrowIfNull(configure);
        var name = $"{MailboxClient.DiagnosticsName}:{serviceKey}";
        services.AddKeyedSingleton(serviceKey, (provider, _) => NewClient(provider, name, configure));
        return AddHttp(services, name);
    }

    // The client lives as long as the program, and its streams for hours: the factory may not retire their handler. The
    // lifetime of connections does what that is for. Its loggers write paths, in which are the mailboxes' names.
    private static IHttpClientBuilder AddHttp(IServiceCollection services, string name) => services
        .AddHttpClient(name, http => http.Timeout = Timeout.InfiniteTimeSpan)
        .UseSocketsHttpHandler((handler, _) =>
        {
            handler.PooledConnectionLifetime = TimeSpan.FromMinutes(2);
            handler.UseCookies = false;
        })
        .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
        .RemoveAllLoggers();

    private static MailboxClient NewClient(IServiceProvider provider, string name, Action<MailboxClientOptions> configure)
    {
        var options = new MailboxClientOptions { LoggerFactory = provider.GetService<ILoggerFactory>() };
        if (provider.GetService<TimeProvider>() is { } time)
        {
            options.TimeProvider = time;
        }

        configure(options);
        return new MailboxClient(provider.GetRequiredService<IHttpClientFactory>().CreateClient(name), options);
    }
}
