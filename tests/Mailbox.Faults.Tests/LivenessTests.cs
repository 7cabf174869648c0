using Mailbox.Faults.Checking;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Tests;

/// <summary>Liveness, residue, and the figures of time.</summary>
public sealed class LivenessTests
{
    private static HistoryBuilder Run => new HistoryBuilder().Opens("c").Delivers("a", 1).Receives("c", "a", 1);

    [Fact]
    public void Nobody_is_told_of_a_loss_where_nothing_may_be_lost() => Run.Fault().Heals().IsToldReset("c").Breaks("false alarm");

    [Fact]
    public void A_failover_is_told_though_nothing_is_lost() => Run.Fault().Heals().IsToldReset("c", "failover").IsClean();

    [Fact]
    public void A_watcher_may_miss_what_the_receiver_acknowledged() =>
        Run.Opens("w", "watcher", shared: true).IsToldGap("w", 1, 1, "acknowledged").IsClean();

    [Fact]
    public void What_is_kept_for_a_receiver_that_is_there_is_late() =>
        Run.Delivers("b", 2).IsQuiet().Keeps(2, ["b"]).Breaks("liveness");

    [Fact]
    public void A_message_comes_too_late_after_the_fault() =>
        Run.Fault().Delivers("b", 2).Heals().Wait(31_000).Receives("c", "b", 2).Breaks("liveness");

    [Fact]
    public void A_message_comes_in_time_after_the_fault()
    {
        var result = Run.Fault().Delivers("b", 2).Wait(60_000).Heals().Wait(10_000).Receives("c", "b", 2).Check();
        result.Violations.ShouldBeEmpty();
        result.Figures.CaughtUp.ShouldBe(TimeSpan.FromMilliseconds(10_001));
    }

    [Fact]
    public void Nobody_is_late_for_who_is_away() =>
        Run.Ends("c").Delivers("b", 2).Wait(60_000).Opens("c2", after: 1).Receives("c2", "b", 2).IsClean();

    [Fact]
    public void Wakes_are_slow_though_nothing_is_wrong() =>
        Run.Delivers("b", 2).Wait(2_000).Receives("c", "b", 2).Breaks("liveness");

    [Fact]
    public void Wakes_are_slow_while_something_is_wrong_and_until_caught_up()
    {
        var result = Run.Fault().Delivers("b", 2).Wait(2_000).Heals().Delivers("d", 3).Wait(2_000).Receives("c", "b", 2).Receives("c", "d", 3).Check();
        result.Violations.ShouldBeEmpty();
        result.Figures.WakeP99.ShouldBe(2);
    }

    [Fact]
    public void Wakes_stay_slow_after_the_fault() =>
        Run.Fault().Delivers("b", 2).Heals().Receives("c", "b", 2).Delivers("d", 3).Wait(2_000).Receives("c", "d", 3).Breaks("liveness");

    [Fact]
    public void A_run_in_which_nothing_was_accepted_shows_nothing() =>
        new HistoryBuilder().Opens("c").Begins("a").Unknown("a").Receives("c", "a", 1).Breaks("liveness");

    [Fact]
    public void A_run_in_which_nothing_was_received_shows_nothing() =>
        new HistoryBuilder().Delivers("a", 1).IsQuiet().Keeps(1, ["a"], hasReceiver: false).Breaks("liveness");

    [Fact]
    public void An_empty_history_shows_nothing() =>
        HistoryChecker.Check([], new CheckLimits()).Violations.ShouldHaveSingleItem().Rule.ShouldBe("liveness");

    [Fact]
    public void Something_is_left_over() =>
        Run.Add(new Residue("subscription", "mailbox:{m}:wake on node 2")).Breaks("residue");

    [Fact]
    public void An_answer_to_nothing_makes_no_history() =>
        Run.Add(new DeliverEnded(99, DeliverOutcome.Accepted)).Breaks("history");
}
