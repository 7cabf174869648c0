using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Tests;

/// <summary>Order, real time, resume.</summary>
public sealed class OrderTests
{
    private static HistoryBuilder Run => new();

    private static HistoryBuilder Three => Run.Opens("c").Delivers("a", 1).Delivers("b", 2).Delivers("d", 3);

    [Fact]
    public void Two_messages_change_places() =>
        Three.Receives("c", "a", 1).Receives("c", "d", 3).Receives("c", "b", 2).Breaks("order");

    [Fact]
    public void A_message_comes_twice_on_one_connection() =>
        Three.Receives("c", "a", 1).Receives("c", "a", 1).Receives("c", "b", 2).Receives("c", "d", 3).Breaks("order");

    [Fact]
    public void A_message_that_comes_later_leaves_a_hole_before() =>
        Three.Receives("c", "a", 1).Receives("c", "d", 3).Ends("c").Opens("c2").Receives("c2", "b", 2).Receives("c2", "d", 3).Breaks("order");

    [Fact]
    public void A_watcher_sees_no_hole_either() =>
        Three.Opens("w", shared: true).Receives("c", "a", 1).Receives("c", "b", 2).Receives("c", "d", 3)
            .Receives("w", "a", 1).Receives("w", "d", 3).Breaks("order");

    [Fact]
    public void What_a_gap_denied_comes() =>
        Three.Receives("c", "a", 1).IsToldGap("c", 2, 3, "acknowledged").Receives("c", "b", 2).Receives("c", "d", 3).Breaks("order");

    [Fact]
    public void The_generation_changes_without_a_reset() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Delivers("b", 1, HistoryBuilder.Second)
            .Receives("c", "b", 1, HistoryBuilder.Second).Breaks("order");

    [Fact]
    public void An_unexplained_number_stays_a_hole_when_a_message_is_explained_elsewhere() =>
        Run.Opens("c").Delivers("a", 1).Delivers("x", 2).Delivers("y", 3).Delivers("z", 5).Begins("b", ttl: 5).Unknown("b").Wait(10)
            .Receives("c", "a", 1).Receives("c", "x", 2).Receives("c", "y", 3).Receives("c", "z", 5).Breaks("order");

    [Fact]
    public void What_was_renumbered_before_it_was_sent_leaves_its_number() =>
        Run.Delivers("x", 1).TakesBack(1).Delivers("a", 2).Delivers("b", 3).Delivers("d", 12)
            .Opens("c").Receives("c", "a", 10).Receives("c", "b", 11).Receives("c", "d", 12).IsClean();

    [Fact]
    public void A_place_of_what_was_removed_gets_a_new_number_with_a_reset() =>
        Run.Opens("c").Delivers("a", 1).Delivers("b", 2).TakesBack(2).Delivers("d").Fault(LossWindow.RedisTail).Heals()
            .IsToldReset("c").Receives("c", "a", 1, HistoryBuilder.Second).Receives("c", "d", 3, HistoryBuilder.Second).IsClean();

    // --- one producer's order

    [Fact]
    public void A_producers_bare_messages_change_places() =>
        Run.Opens("c").Delivers("a").Delivers("b").Receives("c", "b", 1).Receives("c", "a", 2).Breaks("order");

    [Fact]
    public void Messages_of_two_producers_without_ids_may_stand_in_any_order() =>
        Run.Opens("c").Delivers("a").Delivers("b", producer: "q").Receives("c", "b", 1).Receives("c", "a", 2).IsClean();

    [Fact]
    public void What_one_producer_delivers_at_once_may_stand_in_any_order() =>
        Run.Opens("c").Begins("a").Begins("b").Accepted("a").Accepted("b").Receives("c", "b", 1).Receives("c", "a", 2).IsClean();

    // --- real time

    [Fact]
    public void What_began_after_the_answer_has_a_lower_id() =>
        Run.Opens("c").Delivers("a", 2).Delivers("b", 1, producer: "q").Receives("c", "b", 1).Receives("c", "a", 2).Breaks("real-time");

    [Fact]
    public void What_began_before_the_answer_may_have_a_lower_id() =>
        Run.Opens("c").Begins("b", producer: "q").Delivers("a", 2).Accepted("b", 1).Receives("c", "b", 1).Receives("c", "a", 2).IsClean();

    [Fact]
    public void What_Redis_may_have_forgotten_does_not_bind_what_comes_after() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Delivers("b", 2).Delivers("d", 3).Fault(LossWindow.RedisTail, tail: 100).Heals()
            .Delivers("e", 2, producer: "q").IsToldReset("c").Receives("c", "e", 1, HistoryBuilder.Second).Breaks("identity-producer");

    // --- resume

    [Fact]
    public void A_resume_goes_on_behind_its_cursor() =>
        Three.Receives("c", "a", 1).Ends("c").Opens("c2", after: 1).Receives("c2", "b", 2).Receives("c2", "d", 3).IsClean();

    [Fact]
    public void A_resume_brings_the_cursors_message_again() =>
        Three.Receives("c", "a", 1).Ends("c").Opens("c2", after: 1).Receives("c2", "a", 1).Receives("c2", "b", 2).Receives("c2", "d", 3).Breaks("resume");

    [Fact]
    public void A_resume_skips_a_message() =>
        Three.Receives("c", "a", 1).Ends("c").Opens("c2", after: 1).Receives("c2", "d", 3).Breaks("resume", "loss");

    [Fact]
    public void A_resume_skips_what_was_taken_back() =>
        Three.Receives("c", "a", 1).Ends("c").TakesBack(2).Opens("c2", after: 1).Receives("c2", "d", 3).IsClean();

    [Fact]
    public void A_resume_lands_in_another_generation_without_a_reset() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Ends("c").Fault(LossWindow.RedisAll).Heals()
            .Delivers("b", 1, HistoryBuilder.Second).Opens("c2", after: 1).Receives("c2", "b", 1, HistoryBuilder.Second).Breaks("resume");

    [Fact]
    public void A_resume_is_told_a_reset() =>
        Run.Opens("c").Delivers("a", 1).Receives("c", "a", 1).Ends("c").Fault(LossWindow.RedisAll).Heals()
            .Delivers("b", 1, HistoryBuilder.Second).Opens("c2", after: 1).IsToldReset("c2").Receives("c2", "b", 1, HistoryBuilder.Second).IsClean();
}
