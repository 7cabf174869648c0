using Mailbox.Contracts;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Endpoints;

public class DeliveryRulesTests
{
    private static readonly Delivery Plain = new() { Body = "hello"u8.ToArray() };

    [Fact]
    public void Check_NothingButABody_AsItWas() => DeliveryRules.Check(Plain).ShouldBeSameAs(Plain);

    [Fact]
    public void Check_EverythingAllowed_AsItWas()
    {
        var delivery = Plain with
        {
            Type = "order.created", Topic = "orders", ContentType = "text/plain", IdempotencyKey = "k", TimeToLive = 0,
        };
        DeliveryRules.Check(delivery).ShouldBeSameAs(delivery);
    }

    [Fact]
    public void Check_EachPartThatMayNotBe_ProblemThatNamesItsHeader()
    {
        ShouldName(Plain with { Type = "mailbox.open" }, "Mailbox-Type");
        ShouldName(Plain with { Type = "" }, "Mailbox-Type");
        ShouldName(Plain with { Topic = "a b" }, "Topic");
        ShouldName(Plain with { Topic = "" }, "Topic");
        ShouldName(Plain with { ContentType = "text/plain\n" }, "Content-Type");
        ShouldName(Plain with { ContentType = "" }, "Content-Type");
        ShouldName(Plain with { IdempotencyKey = "a b" }, "Idempotency-Key");
        ShouldName(Plain with { IdempotencyKey = "" }, "Idempotency-Key");
        ShouldName(Plain with { TimeToLive = -1 }, "TTL");
        ShouldName(Plain with { TimeToLive = 10_000_000_000 }, "TTL");
        ShouldName(Plain with { TimeToLive = long.MinValue }, "TTL");
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("007", 7)]
    [InlineData("86400", 86_400)]
    public void ParseTimeToLive_WholeSeconds_Taken(string text, long seconds) => DeliveryRules.ParseTimeToLive(text).ShouldBe(seconds);

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("1,000")]
    [InlineData("0x10")]
    [InlineData("60s")]
    [InlineData("1, 2")]
    [InlineData("1\0")]
    [InlineData("٣")]
    [InlineData("99999999999999999999")]
    public void ParseTimeToLive_Junk_ProblemThatNamesItsHeader(string text)
    {
        var problem = Given.ProblemOf(() => DeliveryRules.ParseTimeToLive(text));
        problem.Type.ShouldBe(ProblemTypes.InvalidHeader);
        problem.Title.ShouldContain("'TTL'");
    }

    private static void ShouldName(Delivery delivery, string header)
    {
        var problem = Given.ProblemOf(() => DeliveryRules.Check(delivery));
        problem.Status.ShouldBe(400);
        problem.Type.ShouldBe(ProblemTypes.InvalidHeader);
        problem.Title.ShouldContain($"'{header}'");
        problem.Detail.ShouldNotBeNullOrEmpty();
    }
}
