using System.Globalization;

namespace Mailbox.Redis.Embedded;

/// <summary>
/// What starts an engine. <see cref="Name"/> is <c>redis-server</c> (Valkey too) or <c>garnet-server</c>; without a
/// <see cref="Directory"/> it starts in its scratch directory.
/// </summary>
internal sealed record EngineCommand(string Name, IReadOnlyList<string> Words, string? Directory)
{
    public const string Redis = "redis-server";
    public const string Garnet = "garnet-server";

    /// <summary>The configured command, else <c>redis-server</c>, else the checkout's tool.</summary>
    /// <exception cref="EmbeddedEngineException">There is none.</exception>
    public static EngineCommand Find(EmbeddedOptions options)
    {
        if (!string.IsNullOrWhiteSpace(options.Command))
        {
            return Parse(options.Command);
        }

        if (ProgramPath.Find(Redis) is { } redis)
        {
            return new EngineCommand(Redis, [redis], null);
        }

        return ToolManifest.FindNearest(Garnet)?.ToCommand() ?? throw new EmbeddedEngineException(
            "No Redis is configured, and no engine was found to start one. Do one of these: install redis-server (7.0 or "
            + "newer); or run 'dotnet tool restore' in the checkout and start the server from there, or set "
            + "Mailbox:Embedded:Command to an engine's command; or set Mailbox:Redis:ConnectionString to a Redis that runs.");
    }

    /// <summary>The flags of an engine that listens on loopback and keeps nothing on disk.</summary>
    public IEnumerable<string> Flags(int port, string directory)
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        return Name == Garnet

            // Without the transaction mode a script is not atomic there.
            ? ["--bind", "127.0.0.1", "--port", number, "--lua", "--lua-transaction-mode"]
            : ["--bind", "127.0.0.1", "--port", number, "--protected-mode", "yes",
               "--save", "", "--appendonly", "no", "--dir", directory];
    }

    private static EngineCommand Parse(string command)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        // Any word may be the engine's: `dotnet tool run garnet-server`, `nice redis-server`, `dotnet …/GarnetServer.dll`.
        foreach (var program in words.Select(word => Path.GetFileNameWithoutExtension(word)))
        {
            if (program.StartsWith("redis-server", StringComparison.OrdinalIgnoreCase)
                || program.StartsWith("valkey-server", StringComparison.OrdinalIgnoreCase))
            {
                return new EngineCommand(Redis, words, Environment.CurrentDirectory);
            }

            if (program.StartsWith("garnet", StringComparison.OrdinalIgnoreCase))
            {
                return new EngineCommand(Garnet, words, Environment.CurrentDirectory);
            }
        }

        throw new EmbeddedEngineException(
            $"Mailbox:Embedded:Command is '{command}'. It must name redis-server, valkey-server or garnet-server: the name "
            + "decides with which flags it is started.");
    }
}
