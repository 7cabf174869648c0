using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

public class TimeToLive(Cluster cluster)
{
    [Fact]
    public async Task A_ttl_of_zero_with_nobody_there_stores_nothing_and_says_so()
    {
        var mailbox = Names.Fresh("ttl-absent");

        var answer = await cluster.A.DeliverAsync(mailbox, "now or never", ("TTL", "0"));

        answer.Status.ShouldBe(202);
        answer.Json.GetProperty("queued").GetBoolean().ShouldBeFalse();
        answer.Json.TryGetProperty("id", out _).ShouldBeFalse();
        answer.Header("Location").ShouldBeNull();
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        await receiver.SilenceAsync();
    }

    [Fact]
    public async Task A_ttl_of_zero_reaches_a_receiver_that_is_there()
    {
        var mailbox = Names.Fresh("ttl-present");
        await using var receiver = await cluster.B.OpenAsync(Way.Sse, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);

        var answer = await cluster.A.DeliverAsync(mailbox, "now", ("TTL", "0"));

        answer.Status.ShouldBe(201);
        (await receiver.MessageAsync()).Text.ShouldBe("now");
    }

    [Theory]
    [InlineData("999999999", "60")]
    [InlineData("60", "60")]
    [InlineData("59", "59")]
    public async Task A_ttl_above_the_mailbox_s_own_is_lowered_and_the_answer_says_so(string asked, string given)
    {
        var mailbox = Names.Fresh("ttl-lowered");
        await cluster.A.PutAsync(mailbox, """{"timeToLive":60}""");

        var answer = await cluster.A.DeliverAsync(mailbox, "m", ("TTL", asked));

        answer.Header(MailboxHeaders.TimeToLive).ShouldBe(given);
        answer.Json.GetProperty("expires").GetDateTimeOffset().ShouldBeLessThanOrEqualTo(DateTimeOffset.UtcNow.AddSeconds(61));
    }

    [Fact]
    public async Task An_answer_without_a_ttl_names_none()
    {
        (await cluster.A.DeliverAsync(Names.Fresh("ttl-none"), "m")).Header(MailboxHeaders.TimeToLive).ShouldBeNull();
    }

    [Fact]
    public async Task A_message_that_outlived_its_ttl_is_gone_and_the_others_come()
    {
        var mailbox = Names.Fresh("ttl-expired");
        await cluster.A.DeliverAsync(mailbox, "m1");
        var brief = await cluster.A.DeliverAsync(mailbox, "brief", ("TTL", "1"));
        await cluster.A.DeliverAsync(mailbox, "m3");

        await Eventually.HoldsAsync(
            async () => (await cluster.B.GetAsync(brief.Header("Location")!)).Status == 404, Patience.Long, "it has expired");

        await using var receiver = await cluster.B.OpenAsync(Way.WebSocket, mailbox);
        (await receiver.TextsAsync(2)).ShouldBe(["m1", "m3"]);
        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(2);
    }
}
