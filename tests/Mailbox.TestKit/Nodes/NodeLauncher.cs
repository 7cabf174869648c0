using System.Collections;
using System.Net;
using System.Reflection;

namespace Mailbox.TestKit;

/// <summary>The command line and the environment that a node is started with.</summary>
internal static class NodeLauncher
{
    /// <summary>What a developer's shell sets must not reach the node under test.</summary>
    private static readonly string[] NotInherited = ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "Kestrel__", "Logging__", "Mailbox__", "OTEL_"];

    private static string Assembly => Environment.GetEnvironmentVariable("MAILBOX_SERVER_DLL") ?? Path.Combine(
        RepositoryRoot.Path,
        "src",
        "MailboxServer",
        "bin",
        typeof(MailboxNode).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        "net10.0",
        "MailboxServer.dll");

    /// <param name="port">Null for a free one.</param>
    public static Uri AddressOf(MailboxNodeOptions options, int? port = null) =>
        new($"http://{options.Network?.Address ?? IPAddress.Loopback}:{port ?? FreePorts.Take()}");

    /// <exception cref="FileNotFoundException">The server is not built.</exception>
    public static Task<WatchedProcess> LaunchAsync(
        MailboxNodeOptions options, Uri address, Uri? http2Address, CancellationToken cancellationToken)
    {
        var assembly = options.Assembly ?? Assembly;
        if (!File.Exists(assembly))
        {
            throw new FileNotFoundException(
                $"The server is not built: {assembly} is missing. Or point MAILBOX_SERVER_DLL at one.", assembly);
        }

        return WatchedProcess.StartAsync(
            Tools.Dotnet,
            [assembly, .. http2Address is null ? ["--urls", TextOf(address)] : Array.Empty<string>()],
            EnvironmentOf(options, address, http2Address),
            options.WorkingDirectory ?? Path.GetDirectoryName(assembly),
            network: options.Network,
            cancellationToken: cancellationToken);
    }

    private static Dictionary<string, string?> EnvironmentOf(MailboxNodeOptions options, Uri address, Uri? http2Address)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(variable => (string)variable.Key)
            .Where(name => NotInherited.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            .ToDictionary(name => name, _ => (string?)null);
        var settings = new Dictionary<string, string>(options.Settings);
        if (http2Address is not null)
        {
            // Endpoints that are configured replace --urls, so both are.
            settings.TryAdd("Kestrel:Endpoints:http:Url", TextOf(address));
            settings.TryAdd("Kestrel:Endpoints:h2:Url", TextOf(http2Address));
            settings.TryAdd("Kestrel:Endpoints:h2:Protocols", "Http2");
        }

        // Most tests are not about who may call.
        if (!settings.Keys.Any(name => name.StartsWith("Mailbox:Access:", StringComparison.OrdinalIgnoreCase)))
        {
            settings["Mailbox:Access:AllowAnonymous"] = "true";
        }

        if (options.Redis is not null)
        {
            settings["Mailbox:Redis:ConnectionString"] = options.Redis;
        }

        foreach (var (name, value) in settings)
        {
            environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        foreach (var (name, value) in WrongClock.EnvironmentOf(options.ClockOffset))
        {
            environment[name] = value;
        }

        environment["ASPNETCORE_ENVIRONMENT"] = options.Environment;
        return environment;
    }

    private static string TextOf(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
