using System.Net;
using Mailbox.Bench.Load;
using Mailbox.TestKit;

namespace Mailbox.Bench.Peers;

/// <summary>A server under load, with the Redis that it has to itself, if it has one.</summary>
internal abstract class Peer(string name) : IAsyncDisposable
{
    public static TimeSpan StartDeadline { get; } = TimeSpan.FromSeconds(20);

    public string Name => name;

    public abstract int Port { get; }

    /// <summary>The server's process; those that it started count as it.</summary>
    public abstract int ServerPid { get; }

    public virtual RedisServer? Redis => null;

    /// <summary>Whether the first measurement on it was made: before that it is warmed up for longer.</summary>
    public bool IsWarm { get; set; }

    public abstract string DeliverTarget(string mailbox);

    /// <summary>The requests that bring one message to all of these, one after the other.</summary>
    public virtual IEnumerable<ManyRequest> DeliverMany(IReadOnlyList<string> mailboxes, int bodyLength) =>
        throw new NotSupportedException($"{Name} delivers to one at a time.");

    public abstract Opening Opening(string mailbox, Transport transport, string? cursor);

    public abstract ValueTask DisposeAsync();

    protected static async Task WaitUntilListeningAsync(WatchedProcess process, int port, string path)
    {
        using var http = new HttpClient();
        try
        {
            await Eventually.HoldsAsync(
                async () => process.HasExited ||
                    (await http.GetAsync(new Uri($"http://{IPAddress.Loopback}:{port}{path}"))).IsSuccessStatusCode,
                StartDeadline,
                $"port {port} answers");
        }
        catch (TimeoutException exception)
        {
            throw new InvalidOperationException($"{exception.Message} {process.Describe()}", exception);
        }

        if (process.HasExited)
        {
            throw new InvalidOperationException($"It ended at once. {process.Describe()}");
        }
    }
}
