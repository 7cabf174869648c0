using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Tests;

public sealed class LossTests
{
    private const string Second = HistoryBuilder.Second;

    private static HistoryBuilder Run => new();

    [Fact]
    public void What_was_accepted_is_received() =>
        Run.Opens("c").Delivers("a", 1).Delivers("b").Receives("c", "a", 1).Receives("c", "b", 2).IsClean();

    [Fact]
    public void The_last_message_is_lost()
    {
        var run = Run.Opens("c").Delivers("a", 1).Delivers("b", 2).Receives("c", "a", 1);
        run.Breaks("loss");
        var result = run.Check();
        result.Violations.ShouldHaveSingleItem().Text.ShouldBe("lost (postfix): b to m (aaaaaaaaaaaaaaaa-2)");
        result.Figures.ShouldSatisfyAllConditions(f => f.Lost.ShouldBe(1), f => f.Announced.ShouldBe(0), f => f.Received.ShouldBe(1));
    }

    [Fact]
    public void The_first_message_is_lost() =>
        Run.Delivers("a").Opens("c").Delivers("b", 2).Receives("c", "b", 2).Check()
            .Violations.ShouldHaveSingleItem().Text.ShouldStartWith("lost (prefix): a to m");

    [Fact]
    public void A_message_in_the_middle_is_lost_on_different_connections() =>
        Run.Opens("c").Delivers("a", 1).Delivers("b", 2).Delivers("d", 3).Receives("c", "a", 1).Ends("c")
            .Opens("c2").Receives("c2", "d", 3).Check()
            .Violations.ShouldHaveSingleItem().Text.ShouldStartWith("lost (middle): b to m (aaaaaaaaaaaaaaaa-2), a hole");

    [Fact]
    public void What_only_a_watcher_saw_is_lost() =>
        Run.Opens("c").Opens("w", shared: true).Delivers("a", 1).Delivers("b", 2)
            .Receives("c", "a", 1).Receives("w", "a", 1).Receives("w", "b", 2).Breaks("loss");

    [Fact]
    public void What_waits_in_a_mailbox_without_a_receiver_is_not_lost() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Ends("c").Delivers("b", 2)
            .IsQuiet().Keeps(1, ["a", "b"], hasReceiver: false).IsClean();

    [Fact]
    public void What_does_not_wait_there_either_is_lost() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Ends("c").Delivers("b", 2)
            .IsQuiet().Keeps(1, ["a"], hasReceiver: false).Breaks("loss");

    // --- removed on purpose

    [Fact]
    public void What_was_taken_back_is_an_explained_hole() =>
        Run.Opens("c").Delivers("a", 1).Delivers("b", 2).TakesBack(2).Delivers("d", 3)
            .Receives("c", "a", 1).Receives("c", "d", 3).IsClean();

    [Fact]
    public void What_was_taken_back_afterwards_is_no_explained_hole() =>
        Run.Opens("c").Delivers("a", 1).Delivers("b", 2).Delivers("d", 3)
            .Receives("c", "a", 1).Receives("c", "d", 3).TakesBack(2).Breaks("order");

    [Fact]
    public void A_bare_message_that_was_taken_back_is_an_explained_hole() =>
        Run.Opens("c").Delivers("a", 1).Delivers("b").Delivers("d", 3).TakesBack(2)
            .Receives("c", "a", 1).Receives("c", "d", 3).IsClean();

    [Fact]
    public void A_bare_message_is_not_the_one_that_was_taken_back() =>
        Run.Opens("c").Delivers("a", 1).Delivers("x", 2).Delivers("y", 3).Delivers("b").TakesBack(2)
            .Receives("c", "a", 1).Receives("c", "y", 3).Breaks("loss");

    [Fact]
    public void What_its_topic_replaced_is_an_explained_hole() =>
        Run.Opens("c").Delivers("a", 1).Delivers("b", 2, topic: "t").Delivers("d", 3, topic: "t")
            .Receives("c", "a", 1).Receives("c", "d", 3).IsClean();

    [Fact]
    public void What_was_replaced_by_a_delivery_that_had_begun_before_is_an_explained_hole() =>
        Run.Opens("c").Begins("d", topic: "t").Delivers("b", 1, topic: "t").Accepted("d", 2)
            .Receives("c", "d", 2).IsClean();

    [Fact]
    public void The_last_of_a_topic_is_not_replaced() =>
        Run.Opens("c").Delivers("a", 1, topic: "t").Delivers("b", 2, topic: "t").Receives("c", "a", 1).Breaks("loss");

    [Fact]
    public void What_expired_is_an_explained_hole() =>
        Run.Opens("c").Delivers("a", 1).Delivers("b", 2, ttl: 500).Wait(500).Delivers("d", 3)
            .Receives("c", "a", 1).Receives("c", "d", 3).IsClean();

    [Fact]
    public void What_had_still_time_to_live_is_lost() =>
        Run.Opens("c").Delivers("a", 1).Delivers("b", 2, ttl: 1000).Wait(500).Receives("c", "a", 1).Breaks("loss");

    [Fact]
    public void A_message_without_an_answer_that_expired_is_an_explained_hole() =>
        Run.Opens("c").Delivers("a", 1).Begins("b", ttl: 500).Unknown("b").Wait(500).Delivers("d", 3)
            .Receives("c", "a", 1).Receives("c", "d", 3).IsClean();

    // --- announced

    [Fact]
    public void What_a_permitted_limit_dropped_is_announced()
    {
        var result = Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Fault(LossWindow.Limit).Delivers("b", 2).Delivers("x").Delivers("d", 4)
            .IsToldGap("c", 2, 3, "dropped").Receives("c", "d", 4).Heals().Check();
        result.Violations.ShouldBeEmpty();
        result.Figures.ShouldSatisfyAllConditions(f => f.Lost.ShouldBe(2), f => f.Announced.ShouldBe(2), f => f.Gaps.ShouldBe(1));
    }

    [Fact]
    public void A_new_receiver_is_told_what_was_dropped_before_its_first_message() =>
        Run.Delivers("a", 1).Fault(LossWindow.Limit).Delivers("b", 2).Heals()
            .Opens("c").IsToldGap("c", 1, 1, "dropped").Receives("c", "b", 2).IsClean();

    [Theory]
    [InlineData(LossWindow.None, "dropped")]
    [InlineData(LossWindow.ResumeWindow, "dropped")]
    [InlineData(LossWindow.Limit, "window")]
    [InlineData(LossWindow.Limit, "acknowledged")]
    [InlineData(LossWindow.Limit, "malformed")]
    public void A_gap_that_no_fault_permits_excuses_nothing(LossWindow permits, string reason) =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Fault(permits).Delivers("b", 2).Delivers("d", 3)
            .IsToldGap("c", 2, 2, reason).Receives("c", "d", 3).Heals()
            .Breaks(reason == "acknowledged" ? ["loss"] : ["loss", "false alarm"]);

    [Fact]
    public void What_the_resume_window_outran_is_announced() =>
        Run.Opens("c").Fault(LossWindow.ResumeWindow).Delivers("a", 1).Delivers("b", 2).Delivers("d", 3).Receives("c", "a", 1).Ends("c")
            .Opens("c2", after: 1).IsToldGap("c2", 2, 2, "window").Receives("c2", "d", 3).Heals().IsClean();

    [Fact]
    public void A_gap_of_another_generation_excuses_nothing() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Ends("c").Fault(LossWindow.Limit).Delivers("b", 2, Second)
            .Opens("c2", after: 1).IsToldGap("c2", 2, 2, "dropped").Heals().Breaks("loss");

    [Fact]
    public void A_gap_on_a_stream_that_says_no_generation_is_of_the_one_at_that_time() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Ends("c").Fault(LossWindow.Limit).Delivers("b", 2)
            .Opens("d", client: "bob").IsToldGap("d", 2, 2, "dropped").Heals().IsToldReset("d", "failover")
            .Delivers("e", 1, Second).Receives("d", "e", 1, Second).IsClean();

    [Fact]
    public void What_a_reset_renumbered_may_be_dropped_afterwards() =>
        Run.Opens("c").Fault(LossWindow.Limit).Delivers("a", 1).Delivers("b", 2).Receives("c", "a", 1)
            .IsToldReset("c", "failover").IsToldGap("c", 1, 2, "dropped").Delivers("d", 3, Second).Receives("c", "d", 3, Second).Heals().IsClean();

    [Fact]
    public void What_a_limit_dropped_is_told_to_whoever_comes_next_and_nobody_has() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Ends("c").Fault(LossWindow.Limit).Delivers("b", 2).Heals().IsQuiet()
            .Keeps(3, [], hasReceiver: false).IsClean();

    [Fact]
    public void A_gap_elsewhere_excuses_nothing() =>
        Run.Opens("c").Fault(LossWindow.Limit).Delivers("a", 1).Delivers("b", 2).Receives("c", "a", 1)
            .IsToldGap("c", 3, 7, "dropped").Heals().Breaks("loss");

    [Fact]
    public void What_Redis_forgot_with_its_tail_is_announced_by_a_reset()
    {
        var result = Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Delivers("b", 2).Fault(LossWindow.RedisTail, tail: 100)
            .Heals().IsToldReset("c").Delivers("d", 1, Second).Receives("c", "d", 1, Second).Check();
        result.Violations.ShouldBeEmpty();
        result.Figures.ShouldSatisfyAllConditions(f => f.Lost.ShouldBe(1), f => f.Announced.ShouldBe(1), f => f.Resets.ShouldBe(1));
    }

    [Fact]
    public void What_was_accepted_before_the_tail_is_lost() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Delivers("b", 2).Wait(200).Fault(LossWindow.RedisTail, tail: 100)
            .Heals().IsToldReset("c").Breaks("loss");

    [Fact]
    public void What_was_accepted_after_Redis_was_well_again_is_lost() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Fault(LossWindow.RedisTail, tail: 100).Heals().Wait(10)
            .Delivers("b", 2).IsToldReset("c").Breaks("loss");

    [Fact]
    public void What_Redis_forgot_without_a_reset_is_lost() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Delivers("b", 2).Fault(LossWindow.RedisAll).Heals().Breaks("loss");

    [Fact]
    public void A_reset_without_a_fault_that_permits_it_excuses_nothing() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Delivers("b", 2).Fault().IsToldReset("c").Heals().Breaks("loss", "false alarm");

    [Fact]
    public void All_that_Redis_held_may_go_when_it_kept_nothing() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Ends("c").Delivers("b", 2).Delivers("d").Wait(5000)
            .Fault(LossWindow.RedisAll).Heals().Opens("c2", after: 1).IsToldReset("c2").IsClean();

    [Theory]
    [InlineData(2L)]
    [InlineData(null)]
    public void A_hole_in_the_middle_fails_whatever_is_permitted(long? id) =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Ends("c").Fault(LossWindow.RedisAll).Delivers("b", id).Delivers("d", 3)
            .Opens("c2").Receives("c2", "d", 3).IsToldReset("c2").Heals().Breaks("loss");
}
