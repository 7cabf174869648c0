using Mailbox.Contracts;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;
using MailboxServer.Tests.Mailboxes;

namespace MailboxServer.Tests.Endpoints;

public class DeliveryAnswersTests
{
    private static readonly DateTimeOffset Expires = DateTimeOffset.FromUnixTimeSeconds(1_750_000_000);

    [Theory]
    [InlineData(true, 201)]
    [InlineData(false, 202)]
    public void OneOfManyOf_Stored_CreatedWhenAReceiverIsPresent(bool isConnected, int status)
    {
        var result = DeliveryAnswers.OneOfManyOf("alice", Delivered(DeliveryOutcome.Stored, isConnected));
        result.Status.ShouldBe(status);
        result.Id.ShouldBe("000000000000a0a0-7");
        result.Queued.ShouldBeTrue();
        result.Connected.ShouldBe(isConnected);
        result.Expires.ShouldBe(Expires);
        result.Replayed.ShouldBeNull();
    }

    [Fact]
    public void OneOfManyOf_Replayed_TheSameAnswerThatSaysSo()
    {
        var result = DeliveryAnswers.OneOfManyOf("alice", Delivered(DeliveryOutcome.Replayed, isConnected: true));
        result.Status.ShouldBe(201);
        result.Id.ShouldBe("000000000000a0a0-7");
        result.Replayed.ShouldBe(true);
    }

    [Fact]
    public void OneOfManyOf_TtlZeroAndNobodyThere_AcceptedAndNotStored()
    {
        var result = DeliveryAnswers.OneOfManyOf("alice", Delivered(DeliveryOutcome.Absent, isConnected: false));
        result.Status.ShouldBe(202);
        result.Queued.ShouldBeFalse();
        result.Id.ShouldBeNull();
        result.Expires.ShouldBeNull();
    }

    [Fact]
    public void OneOfManyOf_Refused_TheProblemOfADeliveryToOne()
    {
        var full = DeliveryAnswers.OneOfManyOf("alice", Delivered(DeliveryOutcome.Full, isConnected: true));
        full.Status.ShouldBe(507);
        full.Type.ShouldBe(ProblemTypes.MailboxFull);
        full.Queued.ShouldBeFalse();
        full.Id.ShouldBeNull();
        DeliveryAnswers.OneOfManyOf("alice", Delivered(DeliveryOutcome.Conflict, isConnected: true)).Status.ShouldBe(422);
    }

    private static Delivered Delivered(DeliveryOutcome outcome, bool isConnected) =>
        new(outcome, new MessageId(Sample.Generation, 7), isConnected, Expires, TimeToLive: null);
}
