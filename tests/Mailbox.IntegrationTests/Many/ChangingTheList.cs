using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Many;

/// <summary>On a WebSocket the client opens and closes mailboxes while it is connected.</summary>
public class ChangingTheList(Cluster cluster)
{
    public static TheoryData<Way> EachWay { get; } = [Way.WebSocket, Way.WebSocketOverHttp2];

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task It_opens_one_more_and_closes_one_and_each_is_answered(Way way)
    {
        var mailboxes = ManyCalls.Fresh(3);
        await using var socket = await cluster.A.OpenSocketAsync(mailboxes[..2], way: way);
        var receiver = (await socket.AllOpenAsync(mailboxes[..2]))[0].Json!.Value.GetProperty("receiver").GetString();
        await cluster.B.DeliverAllAsync(mailboxes[2], ["m1"]);

        await socket.SayAsync($$"""{"open":"{{mailboxes[2]}}"}""");
        var opened = await socket.NextIsAsync(ControlEvents.Open, mailboxes[2]);
        opened.Json!.Value.GetProperty("receiver").GetString().ShouldBe(receiver);
        (await socket.MessageAsync()).Text.ShouldBe("m1");

        await socket.SayAsync($$"""{"close":"{{mailboxes[0]}}"}""");
        await socket.NextIsAsync(ControlEvents.Closed, mailboxes[0], "asked");
        await cluster.A.WaitUntilAbsentAsync(mailboxes[0]);
        await cluster.B.DeliverAllAsync(mailboxes[0], ["waits"]);
        await cluster.B.DeliverAllAsync(mailboxes[1], ["comes"]);
        (await socket.MessageAsync()).Text.ShouldBe("comes");

        await socket.SayAsync($$"""{"open":"{{mailboxes[0]}}"}""");
        await socket.NextIsAsync(ControlEvents.Open, mailboxes[0]);
        (await socket.MessageAsync()).Text.ShouldBe("waits");
        await socket.SayAsync($$"""{"open":"{{Names.Fresh("later")}}","after":"now"}""");
        await socket.NextIsAsync(ControlEvents.Open);
    }

    [Fact]
    public async Task What_is_refused_is_told_and_the_rest_goes_on()
    {
        var mailboxes = ManyCalls.Fresh(2);
        string foreign;
        await using (var other = await cluster.A.OpenAsync(Way.Sse, mailboxes[1]))
        {
            foreign = (await other.NextIsAsync(ControlEvents.Open)).Cursor!;
        }

        await using var socket = await cluster.A.OpenSocketAsync(mailboxes[..1]);
        await socket.AllOpenAsync(mailboxes[..1]);
        foreach (var (said, mailbox, reason) in new[]
        {
            ($$"""{"open":"{{mailboxes[0]}}"}""", mailboxes[0], "already-open"),
            ("""{"open":"a/b"}""", "a/b", "invalid-name"),
            ("""{"open":""}""", "", "invalid-name"),
            ("""{"open":"~other"}""", "~other", "forbidden"),
            ("""{"open":"~events"}""", "~events", "not-found"),
            ($$"""{"open":"{{mailboxes[1]}}","after":"junk"}""", mailboxes[1], "invalid-cursor"),
            ($$"""{"open":"{{mailboxes[1]}}","after":"{{foreign}}"}""", mailboxes[1], "not-receiver"),
            ($$"""{"close":"{{mailboxes[1]}}"}""", mailboxes[1], "not-open"),
        })
        {
            await socket.SayAsync(said);
            await socket.NextIsAsync(ControlEvents.Refused, mailbox, reason);
        }

        await socket.SayAsync($$"""{"ack":"{{foreign}}","mailbox":"{{mailboxes[1]}}"}"""); // of one that is not here: nothing to tell
        await cluster.A.DeliverAllAsync(mailboxes[0], ["m1"]);
        (await socket.MessageAsync()).Text.ShouldBe("m1");
    }

    [Fact]
    public async Task A_mailbox_whose_keys_are_none_of_ours_is_refused_live_and_the_rest_goes_on()
    {
        var mailboxes = ManyCalls.Fresh(2);
        await cluster.RedisAsync("SET", Keys.HashOf(mailboxes[1]), "not a hash");
        await using var socket = await cluster.A.OpenSocketAsync(mailboxes[..1]);
        await socket.AllOpenAsync(mailboxes[..1]);

        await socket.SayAsync($$"""{"open":"{{mailboxes[1]}}"}""");
        await socket.NextIsAsync(ControlEvents.Refused, mailboxes[1], "store-conflict");
        await cluster.RedisAsync("DEL", Keys.HashOf(mailboxes[1]));
        await socket.SayAsync($$"""{"open":"{{mailboxes[1]}}"}""");
        await socket.NextIsAsync(ControlEvents.Open, mailboxes[1]);
    }

    [Fact]
    public async Task There_are_never_more_than_a_thousand_and_one_that_leaves_makes_room()
    {
        var mailboxes = ManyCalls.Fresh(1_001);
        await using var socket = await cluster.A.OpenSocketAsync(mailboxes[..100]);
        await socket.AllOpenAsync(mailboxes[..100]);
        foreach (var mailbox in mailboxes[100..1_000])
        {
            await socket.SayAsync($$"""{"open":"{{mailbox}}"}""");
            await socket.NextIsAsync(ControlEvents.Open, mailbox);
        }

        await socket.SayAsync($$"""{"open":"{{mailboxes[1_000]}}"}""");
        await socket.NextIsAsync(ControlEvents.Refused, mailboxes[1_000], "too-many-mailboxes");
        await socket.SayAsync($$"""{"close":"{{mailboxes[0]}}"}""");
        await socket.NextIsAsync(ControlEvents.Closed, mailboxes[0]);
        await socket.SayAsync($$"""{"open":"{{mailboxes[1_000]}}"}""");
        await socket.NextIsAsync(ControlEvents.Open, mailboxes[1_000]);
    }

    [Theory]
    [InlineData("""{"ack":"AQAAAAAAAAFVVVVVVVVVVVVVVVVVVVVVAAAAAAAAAAE"}""")]
    [InlineData("""{"ack":"junk","mailbox":"a"}""")]
    [InlineData("""{"open":"a","close":"b"}""")]
    [InlineData("""{"open":"a","open":"b"}""")]
    [InlineData("""{"close":"a","after":"now"}""")]
    [InlineData("""{"open":1}""")]
    [InlineData("""{"open":null}""")]
    [InlineData("""{"opens":"a"}""")]
    [InlineData("""{"after":"now"}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"open":"a"} x""")]
    [InlineData("open a")]
    public async Task What_no_client_may_say_ends_it_with_1008(string said)
    {
        await using var socket = await cluster.A.OpenSocketAsync([]);
        await socket.SayAsync(said);
        (await socket.ToEndAsync()).ShouldBeEmpty();
        socket.CloseCode.ShouldBe(1008);
        socket.CloseReason!.ShouldStartWith("expected {");
    }
}
