namespace Mailbox.TestKit;

/// <summary>
/// The <c>garnet-server</c> of the checkout's tool manifest. It keeps nothing across a restart and has no functions.
/// </summary>
public sealed class GarnetServer : RedisEngine
{
    private static readonly TimeSpan RestoreDeadline = TimeSpan.FromMinutes(3);
    private static readonly SemaphoreSlim RestoreTurn = new(1);
    private static bool _isRestored;

    private GarnetServer()
    {
    }

    public override bool HasFunctions => false;

    public static async Task<GarnetServer> StartAsync(CancellationToken cancellationToken = default)
    {
        await RestoreAsync(cancellationToken);
        var server = new GarnetServer();
        await server.FirstStartAsync(cancellationToken);
        return server;
    }

    // Without --lua-transaction-mode scripts are not atomic. `dotnet tool run` starts the engine as a child of its own,
    // so signals go to the group.
    protected override Task<WatchedProcess> StartProcessAsync(CancellationToken cancellationToken) =>
        WatchedProcess.StartAsync(
            Tools.Dotnet,
            [
                "tool", "run", "garnet-server", "--", "--bind", "127.0.0.1", "--port", $"{Port}",
                "--lua", "--lua-transaction-mode", "--checkpointdir", DataDirectory,
            ],
            workingDirectory: RepositoryRoot.Path,
            signalsGroup: true,
            cancellationToken: cancellationToken);

    private static async Task RestoreAsync(CancellationToken cancellationToken)
    {
        await RestoreTurn.WaitAsync(cancellationToken);
        try
        {
            if (_isRestored)
            {
                return;
            }

            await using var restore = await WatchedProcess.StartAsync(
                Tools.Dotnet, ["tool", "restore"], workingDirectory: RepositoryRoot.Path, cancellationToken: cancellationToken);
            var code = await restore.WaitForExitAsync(RestoreDeadline, cancellationToken);
            _isRestored = code == 0 ? true : throw new InvalidOperationException($"dotnet tool restore: {code}. {restore.Describe()}");
        }
        finally
        {
            RestoreTurn.Release();
        }
    }
}
