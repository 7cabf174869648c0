using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Mailbox.TestKit;

/// <summary>
/// A network of this machine's own: a bridge with an address of the host, and namespaces on it that reach each other and
/// the host, and nothing else. Needs root, and Linux. What a run that was killed left behind, the next removes.
/// </summary>
public sealed class PrivateNetwork : IAsyncDisposable
{
    private const int MostNamespaces = 200;

    private static readonly SemaphoreSlim Turn = new(1);

    private readonly string _bridge;
    private readonly List<NetworkNamespace> _namespaces = [];

    private PrivateNetwork(string bridge, IPAddress host)
    {
        _bridge = bridge;
        HostAddress = host;
    }

    /// <summary>The address by which the namespaces know this process and all else on the host.</summary>
    public IPAddress HostAddress { get; }

    internal static string Ip => Tools.Find("ip", "apt-get install iproute2");

    /// <exception cref="MissingToolException">There is no ip or iptables on PATH.</exception>
    public static async Task<PrivateNetwork> CreateAsync()
    {
        await Turn.WaitAsync();
        try
        {
            await ClearLeftoversAsync();
            var network = new PrivateNetwork(Leftovers.FreshName(), FreeAddress());
            await Command.RunAsync(Ip, "link", "add", network._bridge, "type", "bridge");
            await Command.RunAsync(Ip, "addr", "add", $"{network.HostAddress}/24", "dev", network._bridge);
            await Command.RunAsync(Ip, "link", "set", network._bridge, "up");
            return network;
        }
        finally
        {
            Turn.Release();
        }
    }

    /// <summary>One more namespace, with an address and a firewall of its own.</summary>
    public async Task<NetworkNamespace> AddAsync()
    {
        var bytes = HostAddress.GetAddressBytes();
        bytes[3] = (byte)(_namespaces.Count + 2);
        if (_namespaces.Count == MostNamespaces)
        {
            throw new InvalidOperationException($"{MostNamespaces} namespaces are on this network.");
        }

        var added = new NetworkNamespace(Leftovers.FreshName(), new IPAddress(bytes));
        _namespaces.Add(added);
        await added.CreateAsync(_bridge);
        return added;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var added in _namespaces)
        {
            await NetworkNamespace.RemoveAsync(added.Name);
        }

        await Command.TryAsync(Ip, "link", "del", _bridge);
    }

    private static async Task ClearLeftoversAsync()
    {
        foreach (var line in (await Command.RunAsync(Ip, "netns", "list")).Split('\n'))
        {
            if (line.Split(' ')[0] is var name && Leftovers.IsLeft(name))
            {
                await NetworkNamespace.RemoveAsync(name);
            }
        }

        foreach (var name in NetworkInterface.GetAllNetworkInterfaces().Select(one => one.Name).Where(Leftovers.IsLeft))
        {
            await Command.TryAsync(Ip, "link", "del", name);
        }
    }

    /// <summary>The first address of a private /24 that no interface of this machine is in.</summary>
    private static IPAddress FreeAddress()
    {
        var taken = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(one => one.GetIPProperties().UnicastAddresses)
            .Where(one => one.Address.AddressFamily == AddressFamily.InterNetwork)
            .Select(one => Convert.ToHexString(one.Address.GetAddressBytes())[..6])
            .ToHashSet();
        while (true)
        {
            byte[] address = [10, (byte)Random.Shared.Next(64, 128), (byte)Random.Shared.Next(256), 1];
            if (!taken.Contains(Convert.ToHexString(address)[..6]))
            {
                return new IPAddress(address);
            }
        }
    }
}
