using Mailbox.Bench.Load;
using Mailbox.TestKit;

namespace Mailbox.Bench.Peers;

/// <summary>A small ASP.NET Core server of <c>bench/Peers</c>, which stores nothing.</summary>
internal abstract class DotnetPeer(string name, WatchedProcess process, int port) : Peer(name)
{
    public override int Port => port;

    public override int ServerPid => process.Pid;

    public override string DeliverTarget(string mailbox) => $"/{mailbox}";

    public override ValueTask DisposeAsync() => process.DisposeAsync();

    /// <exception cref="FileNotFoundException">It is not built.</exception>
    protected static async Task<(WatchedProcess Process, int Port)> LaunchAsync(string project)
    {
        var directory = Path.Combine(RepositoryRoot.Path, "bench", "Peers", project, "bin", "Release", "net10.0");
        var assembly = Path.Combine(directory, $"{project}.dll");
        if (!File.Exists(assembly))
        {
            throw new FileNotFoundException($"{project} is not built: {assembly} is missing.", assembly);
        }

        var port = FreePorts.Take();
        var process = await WatchedProcess.StartAsync(
            Tools.Dotnet,
            [assembly, "--urls", $"http://127.0.0.1:{port}"],
            [new("ASPNETCORE_ENVIRONMENT", "Production")],
            directory);
        try
        {
            await WaitUntilListeningAsync(process, port, "/health/ready");
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        return (process, port);
    }
}
