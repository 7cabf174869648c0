using System.Globalization;
using System.Net;

namespace Mailbox.TestKit;

/// <summary>
/// One address of a <see cref="PrivateNetwork"/>, and the processes behind it. Its firewall cuts what the processes have
/// open to others: all of it, to one address, to one port, or one connection.
/// </summary>
public sealed class NetworkNamespace
{
    internal NetworkNamespace(string name, IPAddress address)
    {
        Name = name;
        Address = address;
    }

    public string Name { get; }

    /// <summary>What its processes bind, and how the host and the other namespaces reach them.</summary>
    public IPAddress Address { get; }

    private static string Iptables => Tools.Find("iptables", "apt-get install iptables");

    /// <summary>
    /// Nothing comes through any more, in either direction, and nobody is told: a cable that was pulled. Connections stay
    /// open on both sides.
    /// </summary>
    /// <param name="port">Only this port of the other side; null for all of it.</param>
    public Task BlackHoleAsync(IPAddress other, int? port = null) => RefuseAsync(other, port, "DROP");

    /// <summary>
    /// Every packet is answered by a reset, so that connections break when they are next used, on either side, and new ones
    /// are refused at once.
    /// </summary>
    /// <param name="port">Only this port of the other side; null for all of it.</param>
    public Task ResetAsync(IPAddress other, int? port = null) =>
        RefuseAsync(other, port, "REJECT", "--reject-with", "tcp-reset");

    /// <summary>
    /// A black hole for one connection, that a client of the processes here has from this end: half-open until somebody's
    /// time is up. See <see cref="ReceiverOptions.Connected"/>.
    /// </summary>
    public Task DropConnectionAsync(IPEndPoint client) => BlackHoleAsync(client.Address, client.Port);

    /// <summary>Everything comes through again. Packets that were lost are sent again by the kernel, after a while.</summary>
    public Task HealAsync() => FirewallAsync("-F");

    /// <summary>What to start in place of a program, to run it in here. Its process number stays its own.</summary>
    internal (string File, IEnumerable<string> Arguments) Within(string file, IEnumerable<string> arguments) =>
        (PrivateNetwork.Ip, ["netns", "exec", Name, file, .. arguments]);

    // Its interface first: with the namespace it would go some time later.
    internal static async Task RemoveAsync(string name)
    {
        await Command.TryAsync(PrivateNetwork.Ip, "link", "del", name);
        await Command.TryAsync(PrivateNetwork.Ip, "netns", "del", name);
    }

    internal async Task CreateAsync(string bridge)
    {
        _ = Iptables; // missing, it is to be missed now
        await Command.RunAsync(PrivateNetwork.Ip, "netns", "add", Name);
        await Command.RunAsync(
            PrivateNetwork.Ip, "link", "add", Name, "type", "veth", "peer", "name", "eth0", "netns", Name);
        await Command.RunAsync(PrivateNetwork.Ip, "link", "set", Name, "master", bridge, "up");
        foreach (var command in new[] { $"addr add {Address}/24 dev eth0", "link set eth0 up", "link set lo up" })
        {
            await Command.RunAsync(PrivateNetwork.Ip, ["-n", Name, .. command.Split(' ')]);
        }
    }

    // A reset goes through, else the one that answers a packet on its way in would be stopped on its way out.
    private async Task RefuseAsync(IPAddress other, int? port, params string[] verdict)
    {
        await FirewallAsync(["-A", "OUTPUT", "-d", $"{other}", .. PacketsOf("--dport"), "-j", .. verdict]);
        await FirewallAsync(["-A", "INPUT", "-s", $"{other}", .. PacketsOf("--sport"), "-j", .. verdict]);

        string[] PacketsOf(string end) =>
            ["-p", "tcp", .. verdict is ["DROP"] ? [] : new[] { "--tcp-flags", "RST", "NONE" }, .. PortOf(end)];

        string[] PortOf(string end) => port is { } number ? [end, number.ToString(CultureInfo.InvariantCulture)] : [];
    }

    private Task<string> FirewallAsync(params string[] arguments) =>
        Command.RunAsync(PrivateNetwork.Ip, ["netns", "exec", Name, Iptables, "-w", .. arguments]);
}
