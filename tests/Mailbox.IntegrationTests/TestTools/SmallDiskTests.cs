using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.TestTools;

[Trait("Needs", "LinuxRoot")]
public class SmallDiskTests
{
    [Fact]
    public async Task A_redis_on_a_full_disk_refuses_writes_until_there_is_room_again()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions
        {
            DataDirectorySize = 8 << 20,
            Settings = new Dictionary<string, string> { ["appendonly"] = "yes", ["appendfsync"] = "everysec" },
        });
        await using var cli = await redis.ConnectAsync();
        var filler = Path.Combine(redis.DataDirectory, "filler");
        await Should.ThrowAsync<IOException>(() => File.WriteAllBytesAsync(filler, new byte[16 << 20]));

        await Eventually.HoldsAsync(() => IsRefusedAsync(cli), Patience.Long, "writes are refused");
        (await cli.ExecuteAsync("STRLEN", "k")).ShouldBe(1000L); // what was written before can be read

        File.Delete(filler);
        await Eventually.HoldsAsync(async () => !await IsRefusedAsync(cli), Patience.Long, "writes are taken again");
    }

    private static async Task<bool> IsRefusedAsync(RedisCli cli)
    {
        try
        {
            await cli.ExecuteAsync("SET", "k", new byte[1000]);
            return false;
        }
        catch (RedisErrorException error) when (error.Code == "MISCONF")
        {
            return true;
        }
    }
}
