using System.Net;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.TestTools;

[Trait("Needs", "LinuxRoot")]
public class PrivateNetworkTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_node_and_its_redis_live_in_namespaces_and_clients_on_the_host_reach_both()
    {
        await using var network = await PrivateNetwork.CreateAsync();
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Network = await network.AddAsync() });
        var home = await network.AddAsync();
        await using var node = await MailboxNode.StartAsync(redis, new MailboxNodeOptions { Network = home, StartDeadline = Patience.Start });
        await using var sender = Sender.BareRedis(redis);
        node.BaseAddress.Host.ShouldBe(home.Address.ToString());
        IPEndPoint? own = null;
        await using var receiver = await Receivers.SseAsync(
            node.BaseAddress, "m", new ReceiverOptions { Connected = client => own ??= client });
        await sender.SendAsync("m", "one");
        (await receiver.MessageAsync()).Text.ShouldBe("one");
        own!.Address.ShouldBe(network.HostAddress);

        // Half-open: the client hears nothing more, and the node lives for all others.
        await home.DropConnectionAsync(own);
        (await node.DeliverAsync("m", "two")).Status.ShouldBe(201);
        await receiver.StaysSilentAsync(Silence);
        await home.HealAsync();
        (await receiver.MessageAsync()).Text.ShouldBe("two");

        await home.BlackHoleAsync(redis.Address, redis.Port);
        (await node.DeliverAsync("m", "three")).Status.ShouldBe(503);
        await home.HealAsync();
        await Eventually.HoldsAsync(
            async () => (await node.DeliverAsync("m", "four")).Status is 201 or 202, Patience.Long, "the node delivers again");
    }

    [Fact]
    public async Task What_a_run_that_was_killed_left_behind_is_removed_and_what_a_living_one_has_is_not()
    {
        const int NoProcess = int.MaxValue;
        var left = $"mbx{NoProcess}-1";
        var mine = $"mbx{Environment.ProcessId}-999";
        foreach (var name in new[] { left, mine })
        {
            await IpAsync("netns", "add", name);
        }

        await using (await PrivateNetwork.CreateAsync())
        {
            var names = await IpAsync("netns", "list");
            names.ShouldNotContain(left);
            names.ShouldContain(mine);
        }

        await IpAsync("netns", "del", mine);

        static async Task<string> IpAsync(params string[] arguments)
        {
            await using var ip = await WatchedProcess.StartAsync(Tools.Find("ip", "apt-get install iproute2"), arguments);
            (await ip.WaitForExitAsync(Patience.Long)).ShouldBe(0, ip.Describe());
            return string.Join('\n', ip.Output);
        }
    }

    [Fact]
    public async Task A_path_that_resets_breaks_what_is_open_and_refuses_what_is_new()
    {
        await using var network = await PrivateNetwork.CreateAsync();
        var home = await network.AddAsync();
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Network = home });
        await using var cli = await redis.ConnectAsync();

        await home.ResetAsync(network.HostAddress);
        (await Should.ThrowAsync<IOException>(() => cli.ExecuteAsync("PING"))).Message.ShouldContain("reset");
        await Should.ThrowAsync<System.Net.Sockets.SocketException>(() => redis.ConnectAsync());

        await home.HealAsync();
        (await redis.ExecuteAsync("PING")).ShouldBe("PONG");
    }
}
