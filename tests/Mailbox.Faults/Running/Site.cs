using Mailbox.Faults.Actors;
using Mailbox.TestKit;

namespace Mailbox.Faults.Running;

/// <summary>
/// Nodes on one Redis, behind nothing: every connection and every call goes to the next node in turn, so that nobody sticks
/// to one.
/// </summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly SitePlan _plan;
    private readonly List<MailboxNode> _nodes = [];
    private readonly List<NetworkNamespace> _homes = [];
    private readonly IReadOnlyList<Uri> _addresses = [];
    private PrivateNetwork? _network;
    private int _turn;

    private Site(SitePlan plan) => _plan = plan;

    private Site(IReadOnlyList<Uri> addresses) : this(new SitePlan()) => _addresses = addresses;

    /// <summary>Somebody else's nodes: there are only their addresses, and no <see cref="Redis"/> to look into.</summary>
    public bool IsElsewhere => _addresses.Count > 0;

    public RedisPlace Redis { get; private set; } = null!;

    /// <summary>Behind a route of every node; null where nodes cannot reach it.</summary>
    public AnsweringBackend? Backend { get; private set; }

    public IReadOnlyList<MailboxNode> Nodes => _nodes;

    /// <summary>With <see cref="RedisKind.Namespaces"/>: where each node lives.</summary>
    public IReadOnlyList<NetworkNamespace> Homes => _homes;

    /// <summary>What runs elsewhere: nodes, or what stands before them.</summary>
    public static Site At(IReadOnlyList<Uri> addresses) => new(addresses);

    public static async Task<Site> StartAsync(SitePlan plan)
    {
        var site = new Site(plan);
        try
        {
            if (plan.Redis == RedisKind.Namespaces)
            {
                site._network = await PrivateNetwork.CreateAsync();
                for (var i = 0; i < plan.Nodes; i++)
                {
                    site._homes.Add(await site._network.AddAsync());
                }
            }

            site.Backend = site._network is null ? AnsweringBackend.Start() : null;
            site.Redis = await RedisPlace.StartAsync(plan, site._network);
            site._nodes.AddRange(await Task.WhenAll(Enumerable.Range(0, plan.Nodes).Select(i => site.StartNodeAsync(i, null))));
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next node in turn, whether it is there or not: it is the caller who finds out.</summary>
    public Uri AnyNode()
    {
        var turn = (uint)Interlocked.Increment(ref _turn);
        return IsElsewhere ? _addresses[(int)(turn % (uint)_addresses.Count)] : _nodes[(int)(turn % (uint)_nodes.Count)].BaseAddress;
    }

    /// <summary>A new process where an earlier one listened; ends that first, if it still runs.</summary>
    public async Task RestartNodeAsync(int index)
    {
        var old = _nodes[index];
        await old.DisposeAsync();
        _nodes[index] = await StartNodeAsync(index, old.BaseAddress.Port);
    }

    /// <summary>What an earlier fault left behind: nodes that ended are started again.</summary>
    public async Task RepairAsync()
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            if (_nodes[i].HasExited)
            {
                await RestartNodeAsync(i);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        if (Backend is not null)
        {
            await Backend.DisposeAsync();
        }

        if (Redis is not null)
        {
            await Redis.DisposeAsync();
        }

        if (_network is not null)
        {
            await _network.DisposeAsync();
        }
    }

    private Task<MailboxNode> StartNodeAsync(int index, int? port)
    {
        // Short times, so that a run shows in seconds what takes minutes in production.
        var settings = new Dictionary<string, string>
        {
            ["Mailbox:Heartbeat"] = "00:00:02",
            ["Mailbox:Sweep"] = "00:00:04",
            ["Mailbox:WriteDeadline"] = "00:00:05",
            ["Mailbox:DrainWindow"] = "00:00:02",
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var (name, value) in (Backend?.Route ?? []).Concat(_plan.NodeOptions))
        {
            settings[name] = value;
        }

        return MailboxNode.StartAsync(new MailboxNodeOptions
        {
            Redis = Redis.Redis.ConnectionString,
            Port = port,
            StartDeadline = TimeSpan.FromMinutes(2), // thousands of clients that reconnect take the machine first
            Settings = settings,
            Network = _homes.Count > 0 ? _homes[index] : null,
            ClockOffset = index == 0 ? _plan.ClockOffset : TimeSpan.Zero,
        });
    }
}
