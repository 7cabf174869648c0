using Mailbox.Faults.Checking;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Tests;

/// <summary>Ack, fence, duplicates.</summary>
public sealed class ReceiverTests
{
    private const string Second = HistoryBuilder.Second;

    private static HistoryBuilder Run =>
        new HistoryBuilder().Opens("c").Delivers("a", 1).Delivers("b", 2).Receives("c", "a", 1).Receives("c", "b", 2);

    [Fact]
    public void What_was_acknowledged_comes_again() =>
        Run.Acks("c", 1).Ends("c").Opens("c2").Receives("c2", "a", 1).Receives("c2", "b", 2).Breaks("ack");

    [Fact]
    public void What_stands_behind_the_ack_comes_again() =>
        Run.Acks("c", 1).Ends("c").Opens("c2").Receives("c2", "b", 2).IsClean();

    [Theory]
    [InlineData(AckEnd.Refused)]
    [InlineData(AckEnd.Unknown)]
    public void An_ack_without_its_answer_binds_nobody(AckEnd outcome) =>
        Run.Acks("c", 1, outcome).Ends("c").Opens("c2").Receives("c2", "a", 1).Receives("c2", "b", 2).IsClean();

    [Fact]
    public void A_connection_that_began_before_the_answer_may_bring_it_again() =>
        Run.Ends("c").BeginsToAck("c", 1).BeginsToOpen("c2").IsAcked().IsOpen("c2").Receives("c2", "a", 1).Receives("c2", "b", 2).IsClean();

    [Fact]
    public void An_ack_that_Redis_may_have_forgotten_binds_nobody() =>
        Run.Acks("c", 1).Ends("c").Fault(LossWindow.RedisTail, tail: 100).Heals().Opens("c2").Receives("c2", "a", 1).Receives("c2", "b", 2).IsClean();

    [Fact]
    public void An_ack_before_the_tail_holds() =>
        Run.Acks("c", 1).Ends("c").Wait(200).Fault(LossWindow.RedisTail, tail: 100).Heals()
            .Opens("c2").Receives("c2", "a", 1).Receives("c2", "b", 2).Breaks("ack");

    // --- fence

    [Fact]
    public void Who_was_superseded_acknowledges() => Run.Opens("d", client: "bob").Acks("c", 2).Breaks("fence");

    [Fact]
    public void Who_was_superseded_is_refused() => Run.Opens("d", client: "bob").Acks("c", 2, AckEnd.Refused).IsClean();

    [Fact]
    public void An_ack_that_began_before_may_end_after_the_takeover() =>
        Run.BeginsToAck("c", 2).BeginsToOpen("d", client: "bob").IsOpen("d").IsAcked().IsClean();

    [Fact]
    public void Who_opened_again_acknowledges() =>
        Run.Opens("d", client: "bob").Ends("c").Opens("c2", after: 2).Acks("c2", 2).IsClean();

    [Fact]
    public void Of_two_that_open_at_once_either_may_win() =>
        Run.Ends("c").BeginsToOpen("c2", after: 2).BeginsToOpen("d", client: "bob").IsOpen("d").IsOpen("c2").Acks("c2", 2).IsClean();

    [Fact]
    public void The_same_client_on_another_connection_supersedes_nobody() => Run.Opens("c2", after: 2).Acks("c", 2).IsClean();

    [Fact]
    public void A_watcher_supersedes_nobody() => Run.Opens("w", client: "bob", shared: true).Acks("c", 2).IsClean();

    [Fact]
    public void Who_was_superseded_is_given_what_is_new() =>
        Run.Opens("d", client: "bob").Delivers("e", 3).Receives("d", "e", 3).Receives("c", "e", 3).Breaks("fence");

    [Fact]
    public void Who_was_superseded_may_be_given_what_was_on_its_way() =>
        Run.Begins("e").Opens("d", client: "bob").Accepted("e", 3).Receives("d", "e", 3).Receives("c", "e", 3).IsClean();

    [Fact]
    public void A_takeover_that_Redis_may_have_forgotten_supersedes_nobody() =>
        Run.Opens("d", client: "bob").Fault(LossWindow.RedisTail, tail: 100).Heals().Acks("c", 2).IsClean();

    [Fact]
    public void Of_three_the_last_holds_the_fence() =>
        Run.Opens("d", client: "bob").Ends("c").Opens("c2", after: 2).Opens("d2", client: "bob").Opens("e", client: "eve")
            .Acks("d2", 2).Breaks("fence");

    // --- duplicates

    [Fact]
    public void A_message_comes_under_two_ids() =>
        Run.Delivers("e").Receives("c", "e", 3).Receives("c", "e", 4).Breaks("duplicate");

    [Fact]
    public void A_message_that_was_delivered_without_a_key_or_an_answer_may_come_under_two_ids() =>
        Run.Begins("e").Unknown("e").Receives("c", "e", 3).Receives("c", "e", 4).IsClean();

    [Fact]
    public void A_message_with_a_key_may_not() =>
        Run.Begins("e", keyed: true).Unknown("e").Receives("c", "e", 3).Receives("c", "e", 4).Breaks("duplicate");

    [Fact]
    public void What_is_kept_comes_again_after_a_reset()
    {
        var result = Run.Fault(LossWindow.RedisTail, tail: 1).Heals().IsToldReset("c").Receives("c", "a", 1, Second).Receives("c", "b", 2, Second).Check();
        result.Violations.ShouldBeEmpty();
        result.Figures.Duplicates.ShouldBe(2);
    }

    [Fact]
    public void A_new_generation_that_nobody_was_told_of() =>
        Run.Ends("c").Opens("c2").Receives("c2", "a", 1, Second).Receives("c2", "b", 2, Second).Breaks("duplicate");

    [Fact]
    public void More_comes_again_than_a_resume_holds()
    {
        var run = Run.Ends("c");
        for (var i = 0; i < 3; i++)
            run.Opens("again" + i).Receives("again" + i, "a", 1).Receives("again" + i, "b", 2).Ends("again" + i);
        run.Check(new CheckLimits { DuplicatesPerOpening = 2 }).Violations.ShouldBeEmpty();
        run.Check(new CheckLimits { DuplicatesPerOpening = 1 }).Violations.ShouldHaveSingleItem().Rule.ShouldBe("duplicate");
    }
}
