using System.Net.Sockets;

namespace Mailbox.TestKit;

/// <summary>Calls to the one primary that there is. Nothing is sent twice: what failed is the caller's to judge.</summary>
internal sealed class PrimaryCalls(Func<CancellationToken, Task<RedisCli>> connect) : IRedisCalls
{
    private RedisCli? _cli;

    public async Task<IReadOnlyList<object?>> ExecuteAsync(
        string key, IReadOnlyList<object[]> commands, CancellationToken cancellationToken = default)
    {
        try
        {
            _cli ??= await connect(cancellationToken);
            return await _cli.ExecuteManyAsync(commands);
        }
        catch (Exception exception) when (IsOver(exception))
        {
            await DisposeAsync(); // the next call asks again who the primary is
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cli is not null)
        {
            await _cli.DisposeAsync();
            _cli = null;
        }
    }

    /// <summary>The connection is of no further use: it broke, or it leads to one that is no primary any more.</summary>
    internal static bool IsOver(Exception exception) =>
        exception is IOException or SocketException or TimeoutException or ObjectDisposedException or
            RedisErrorException { Code: "READONLY" or "MASTERDOWN" or "LOADING" };
}
