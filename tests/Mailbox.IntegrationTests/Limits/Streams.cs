using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Limits;

/// <summary>How many streams a caller, an address and a node may hold.</summary>
public class Streams(Cluster cluster)
{
    [Theory]
    [InlineData("Mailbox:Limits:StreamsPerCaller")]
    [InlineData("Mailbox:Limits:StreamsPerAddress")]
    public async Task Who_holds_as_many_as_it_may_is_refused_the_next_and_nothing_is_opened(string setting)
    {
        await using var node = await cluster.StartNodeAsync((setting, "2"));
        await using var first = await node.OpenAsync(Way.Sse, Names.Fresh("lim-first"));
        var second = await node.OpenAsync(Way.WebSocket, Names.Fresh("lim-second"));
        await first.NextIsAsync(ControlEvents.Open);
        await second.NextIsAsync(ControlEvents.Open);

        var refused = Names.Fresh("lim-refused");
        foreach (var way in Ways.All)
        {
            await Refusals.AssertUnavailableAsync(node, way, "too-many-requests", 429, refused);
        }

        (await cluster.RedisAsync("EXISTS", Keys.HashOf(refused))).ShouldBe(0L);
        (await node.GetAsync("/info")).Json.GetProperty("connections").GetInt32().ShouldBe(2);
        await second.DisposeAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var third = await node.OpenAsync(Way.Ndjson, Names.Fresh("lim-third"));
                return (await third.NextAsync(Patience.Long)).IsControl(ControlEvents.Open);
            },
            Patience.Long,
            "there is room again");
    }

    [Fact]
    public async Task Opens_at_the_same_moment_do_not_pass_the_limit_together_and_every_place_is_given_back()
    {
        const int Most = 20;
        await using var node = await cluster.StartNodeAsync(("Mailbox:MaxConnections", $"{Most}"));
        for (var round = 0; round < 3; round++)
        {
            var opened = await Task.WhenAll(Enumerable.Range(0, 5 * Most).Select(i => OpenAsync(node, Names.Fresh($"lim-{i}"))));
            opened.Count(one => one.Event == ControlEvents.Prefix + ControlEvents.Open).ShouldBe(Most);
            opened.Count(one => one.Event == ControlEvents.Prefix + ControlEvents.Unavailable).ShouldBe(4 * Most);
            foreach (var one in opened)
            {
                await one.Connection.DisposeAsync();
            }

            await Eventually.HoldsAsync(
                async () => (await node.GetAsync("/info")).Json.GetProperty("connections").GetInt32() == 0, Patience.Long, "all are gone");
        }
    }

    [Fact]
    public async Task With_every_stream_taken_health_and_deliveries_are_answered()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:MaxConnections", "1"), ("Mailbox:Limits:OtherConnections", "100"));
        await using var only = await node.OpenAsync(Way.WebSocket, Names.Fresh("lim-only"));
        await only.NextIsAsync(ControlEvents.Open);

        (await node.GetAsync("/health/ready")).Status.ShouldBe(200);
        (await node.DeliverAsync(Names.Fresh("lim-deliver"), "x")).Status.ShouldBe(202);
    }

    /// <summary>Until the stream has told its first event.</summary>
    private static async Task<(RawHttp Connection, string Event)> OpenAsync(MailboxNode node, string mailbox)
    {
        var raw = await RawHttp.ConnectAsync(node.BaseAddress);
        await raw.WriteAsync($"GET {MailboxRoutes.ForMailbox(mailbox)} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
        using var deadline = new CancellationTokenSource(Patience.Start);
        var (text, buffer) = (new StringBuilder(), new byte[4_096]);
        while (!text.ToString().Contains("\ndata: ", StringComparison.Ordinal))
        {
            var read = await raw.Stream.ReadAsync(buffer, deadline.Token);
            read.ShouldBePositive(text.ToString());
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return (raw, text.ToString().Split("event: ")[1].Split('\n')[0]);
    }
}
