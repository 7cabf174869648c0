using System.Globalization;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

/// <summary>The state of a mailbox tells operators which node its receiver is connected to, how, and since when.</summary>
public class WhereTheReceiverIs(Cluster cluster)
{
    private readonly string _mailbox = Names.Fresh("where");

    public static TheoryData<Way, string> Names_of_transports => new()
    {
        { Way.Sse, "sse" },
        { Way.Ndjson, "ndjson" },
        { Way.WebSocket, "websocket" },
        { Way.WebSocketOverHttp2, "websocket" },
        { Way.LongPoll, "longpoll" },
    };

    [Theory]
    [MemberData(nameof(Names_of_transports))]
    public async Task A_receiver_is_told_while_it_is_there_and_not_after_it_was_closed(Way way, string transport)
    {
        var before = await NowAsync();
        await using var receiver = await cluster.B.OpenAsync(way, _mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);

        var info = await cluster.A.InfoOfAsync(_mailbox);
        (info.Connected, info.Node, info.Transport).ShouldBe((true, await cluster.B.IdAsync(), transport));
        info.Since!.Value.ShouldBeInRange(before, await NowAsync());

        (await cluster.A.DeleteAsync(MailboxRoutes.ForReceiver(_mailbox))).Status.ShouldBe(204);
        ShouldTellNobody(await cluster.B.InfoOfAsync(_mailbox), isConnected: false);
    }

    [Fact]
    public async Task It_moves_with_its_receiver_and_a_watcher_is_none()
    {
        string cursor;
        await using (var first = await cluster.A.OpenAsync(Way.Sse, _mailbox))
        {
            cursor = (await first.NextIsAsync(ControlEvents.Open)).Cursor!;
            var began = await cluster.A.InfoOfAsync(_mailbox);
            await using var watcher = await cluster.B.OpenAsync(Way.Ndjson, _mailbox, new ReceiverOptions { Mode = "shared" });
            await watcher.NextIsAsync(ControlEvents.Open);
            var watched = await cluster.A.InfoOfAsync(_mailbox);
            (watched.Node, watched.Transport, watched.Since).ShouldBe((await cluster.A.IdAsync(), "sse", began.Since));
        }

        await cluster.A.WaitUntilAbsentAsync(_mailbox);
        ShouldTellNobody(await cluster.A.InfoOfAsync(_mailbox), isConnected: false);

        await using var again = await cluster.B.OpenAsync(Way.WebSocket, _mailbox, new ReceiverOptions { After = cursor });
        await again.NextIsAsync(ControlEvents.Open);
        var moved = await cluster.A.InfoOfAsync(_mailbox);
        (moved.Node, moved.Transport).ShouldBe((await cluster.B.IdAsync(), "websocket"));
    }

    /// <summary>A node of an older version raises the epoch and leaves what the one before wrote; anybody may have written anything.</summary>
    [Theory]
    [InlineData("7 0123456789abcdef sse 1700000000000")]
    [InlineData("1 0123456789abcdef sse 99999999999999999")]
    [InlineData("1 0123456789abcdef sse -1")]
    [InlineData("1 0123456789abcdef sse")]
    [InlineData("1  sse x")]
    [InlineData("junk")]
    [InlineData("")]
    public async Task What_another_epoch_or_somebody_else_wrote_tells_nothing(string holder)
    {
        await using var receiver = await cluster.A.OpenAsync(Way.Sse, _mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        await cluster.RedisAsync("HSET", Keys.HashOf(_mailbox), "holder", holder);

        ShouldTellNobody(await cluster.B.InfoOfAsync(_mailbox), isConnected: true);

        await cluster.RedisAsync("HDEL", Keys.HashOf(_mailbox), "holder");
        ShouldTellNobody(await cluster.B.InfoOfAsync(_mailbox), isConnected: true);
    }

    private static void ShouldTellNobody(MailboxInfo info, bool isConnected) =>
        (info.Connected, info.Node, info.Transport, info.Since).ShouldBe((isConnected, null, null, null));

    /// <summary>By Redis's clock, in whole milliseconds as it is told.</summary>
    private async Task<DateTimeOffset> NowAsync()
    {
        var time = (object?[])(await cluster.RedisAsync("TIME"))!;
        var (seconds, microseconds) = (Number(time[0]), Number(time[1]));
        return DateTimeOffset.FromUnixTimeMilliseconds((seconds * 1000) + (microseconds / 1000));

        static long Number(object? reply) => long.Parse(RedisCli.TextOf(reply)!, CultureInfo.InvariantCulture);
    }
}
