using System.Text;
using Mailbox.Endpoints;
using Microsoft.Extensions.Logging.Console;

namespace Mailbox.Proxy;

/// <summary>Puts the routes together. Without one, a request passes nothing of this.</summary>
internal static class ProxyComposition
{
    public static void AddProxy(this WebApplicationBuilder builder, ProxyOptions options)
    {
        if (!options.IsOn)
        {
            return;
        }

        // The forwarder's log has the address of each request, with its path and its query.
        builder.Logging.AddFilter("Yarp", LogLevel.None);
        builder.Logging.AddFilter<ConsoleLoggerProvider>("Yarp", LogLevel.None);

        // A backend's headers pass byte for byte, whatever it meant by those beyond ASCII.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1);
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<BackendClient>();
        builder.Services.AddSingleton<CallerToken>();
        builder.Services.AddSingleton<ForwardedHeaders>();
        builder.Services.AddSingleton<AnswerDeliveries>();
        builder.Services.AddSingleton<ForwardEndpoint>();
    }

    /// <summary>Before <see cref="TargetMiddleware"/>, whose rules are those of the server's own paths.</summary>
    public static void UseProxy(this WebApplication app, ProxyOptions options)
    {
        if (options.IsOn)
        {
            app.UseMiddleware<ProxyRouting>();
        }
    }
}
