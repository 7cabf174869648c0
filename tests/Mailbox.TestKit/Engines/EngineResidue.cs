namespace Mailbox.TestKit;

/// <summary>What an engine holds, and what should not be left there.</summary>
public static class EngineResidue
{
    /// <summary>Keys that never expire, of this database. A node's own few may be among them.</summary>
    public static async Task<IReadOnlyList<string>> KeysWithoutEndAsync(this RedisEngine engine)
    {
        await using var cli = await engine.ConnectAsync();
        await AllowReplicaAsync(cli);
        var without = new SortedSet<string>(StringComparer.Ordinal);
        var cursor = "0";
        do
        {
            var page = (object?[])(await cli.ExecuteAsync("SCAN", cursor, "COUNT", 1000))!;
            cursor = RedisCli.TextOf(page[0])!;
            var keys = (object?[])page[1]!;
            var ends = await cli.ExecuteManyAsync([.. keys.Select(key => new[] { "PTTL", key! })]);
            without.UnionWith(keys.Where((_, i) => ends[i] is -1L).Select(key => RedisCli.TextOf(key)!));
        }
        while (cursor != "0");
        return [.. without];
    }

    /// <summary>Channels that somebody is subscribed to: in a cluster, on this node of it.</summary>
    public static async Task<IReadOnlyList<string>> ChannelsAsync(this RedisEngine engine, string pattern = "*")
    {
        var channels = (object?[])(await engine.ExecuteAsync("PUBSUB", "CHANNELS", pattern))!;
        return [.. channels.Select(channel => RedisCli.TextOf(channel)!).Order(StringComparer.Ordinal)];
    }

    /// <summary>One field of INFO; null when it is not there.</summary>
    public static async Task<string?> InfoAsync(this RedisEngine engine, string section, string field)
    {
        var info = RedisCli.TextOf(await engine.ExecuteAsync("INFO", section))!;
        return info.Split("\r\n").FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.Ordinal))?[(field.Length + 1)..];
    }

    /// <summary>In a cluster, a replica tells of its keys only when it is asked to. Elsewhere there is nothing to ask.</summary>
    private static async Task AllowReplicaAsync(RedisCli cli)
    {
        try
        {
            await cli.ExecuteAsync("READONLY");
        }
        catch (RedisErrorException error) when (error.Message.Contains("cluster support disabled", StringComparison.Ordinal))
        {
            // No cluster.
        }
    }

    /// <summary>The memory that a process has in use now, from /proc. Linux.</summary>
    internal static long ResidentBytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kilobytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return long.Parse(kilobytes, System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }
}
