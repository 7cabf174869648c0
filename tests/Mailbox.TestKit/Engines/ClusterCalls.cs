using System.Net;

namespace Mailbox.TestKit;

/// <summary>
/// Calls in a cluster: they go where the last call for the key went, and follow MOVED and ASK from there. What is redirected
/// was not executed, and so may be sent again.
/// </summary>
internal sealed class ClusterCalls(RedisCluster cluster) : IRedisCalls
{
    private const int MostRedirections = 40;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<IPEndPoint, RedisCli> _connections = [];
    private readonly Dictionary<string, IPEndPoint> _places = [];

    public async Task<IReadOnlyList<object?>> ExecuteAsync(
        string key, IReadOnlyList<object[]> commands, CancellationToken cancellationToken = default)
    {
        var place = _places.GetValueOrDefault(key) ?? cluster.AnyEndPoint;
        var isAsked = false;
        for (var redirections = 0; ; redirections++)
        {
            try
            {
                var replies = await ExecuteAtAsync(place, isAsked ? [["ASKING"], .. commands] : commands, cancellationToken);
                return isAsked ? [.. replies.Skip(1)] : replies;
            }
            catch (RedisErrorException error) when (
                error.Code is "MOVED" or "ASK" or "TRYAGAIN" && redirections < MostRedirections)
            {
                isAsked = error.Code == "ASK";
                if (error.Code == "TRYAGAIN")
                {
                    // Some of the keys are here and some there: the way begins at the slot's owner again.
                    await Task.Delay(Pause, cancellationToken);
                    place = _places.GetValueOrDefault(key) ?? cluster.AnyEndPoint;
                    continue;
                }

                place = IPEndPoint.Parse(error.Message.Split(' ')[2]);
                if (!isAsked)
                {
                    _places[key] = place;
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cli in _connections.Values)
        {
            await cli.DisposeAsync();
        }

        _connections.Clear();
        _places.Clear();
    }

    private async Task<IReadOnlyList<object?>> ExecuteAtAsync(
        IPEndPoint place, IReadOnlyList<object[]> commands, CancellationToken cancellationToken)
    {
        try
        {
            if (!_connections.TryGetValue(place, out var cli))
            {
                cli = _connections[place] = await RedisCli.ConnectAsync(place, cancellationToken: cancellationToken);
            }

            return await cli.ExecuteManyAsync(commands);
        }
        catch (Exception exception) when (PrimaryCalls.IsOver(exception))
        {
            await DisposeAsync(); // the next call asks again who has the key
            throw;
        }
    }
}
