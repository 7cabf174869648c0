using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Tests;

/// <summary>No invention, and identity.</summary>
public sealed class ContentTests
{
    private static HistoryBuilder Run => new HistoryBuilder().Opens("c").Delivers("a", 1).Receives("c", "a", 1);

    [Fact]
    public void What_was_never_delivered_is_received() => Run.Receives("c", "z", 2).Breaks("invention");

    [Fact]
    public void What_was_refused_is_received() => Run.Begins("b").Refused("b").Receives("c", "b", 2).Breaks("invention");

    [Fact]
    public void What_was_refused_is_kept() =>
        Run.Begins("b").Refused("b").IsQuiet().Keeps(2, ["b"]).Breaks("invention");

    [Fact]
    public void What_was_never_delivered_is_kept() => Run.IsQuiet().Keeps(2, ["z"]).Breaks("invention");

    [Fact]
    public void What_had_no_answer_may_be_received() => Run.Begins("b").Unknown("b").Receives("c", "b", 2).IsClean();

    [Fact]
    public void What_had_no_answer_may_be_missing() => Run.Begins("b").Unknown("b").IsClean();

    [Fact]
    public void One_mailbox_is_given_the_message_of_another() =>
        Run.Opens("o", mailbox: "n").Delivers("b", 1, mailbox: "n").Receives("o", "b", 1).Receives("c", "b", 2).Breaks("invention");

    [Fact]
    public void The_same_payload_may_go_to_many() =>
        Run.Opens("o", mailbox: "n").Delivers("a", 1, mailbox: "n").Receives("o", "a", 1).IsClean();

    [Fact]
    public void What_comes_before_it_was_delivered_was_invented() => Run.Receives("c", "b", 2).Delivers("b", 2).Breaks("invention");

    // --- identity

    [Fact]
    public void Two_payloads_are_received_under_one_id() =>
        Run.Begins("b").Unknown("b").Ends("c").Opens("c2").Receives("c2", "b", 1).Breaks("identity");

    [Fact]
    public void Two_payloads_are_received_under_one_id_whatever_is_permitted() =>
        Run.Fault(LossWindow.RedisTail, tail: 100).Begins("b").Unknown("b").Heals().Ends("c").Opens("c2").Receives("c2", "b", 1).Breaks("identity");

    [Fact]
    public void A_producer_was_told_another_id() =>
        Run.Delivers("b", 7).Receives("c", "b", 2).Delivers("d", 2).Receives("c", "d", 3).Breaks("identity", "real-time");

    [Fact]
    public void A_message_comes_under_another_id_than_its_producer_was_told() =>
        Run.Delivers("b", 7).Receives("c", "b", 2).Breaks("identity");

    [Fact]
    public void What_is_kept_has_another_id() =>
        Run.Delivers("b", 2).Receives("c", "b", 2).IsQuiet().Keeps(1, ["b"]).Breaks("identity");

    [Fact]
    public void What_is_kept_has_its_id() =>
        Run.Delivers("b", 2).Receives("c", "b", 2).IsQuiet().Keeps(1, [null, "b"]).IsClean();

    [Fact]
    public void The_number_of_what_Redis_forgot_is_given_again() =>
        Run.Delivers("b", 2).Fault(LossWindow.RedisTail, tail: 100).Heals().Delivers("d", 2).Receives("c", "d", 2)
            .Breaks("identity-producer", "loss");

    [Fact]
    public void A_number_is_given_again_though_Redis_may_not_have_forgotten() =>
        Run.Delivers("b", 2).Fault().Heals().Delivers("d", 2).Receives("c", "d", 2).Breaks("identity", "loss", "real-time");

    [Fact]
    public void Another_generation_begins_again() =>
        Run.Fault(LossWindow.RedisAll).Heals().IsToldReset("c").Delivers("b", 1, HistoryBuilder.Second)
            .Receives("c", "b", 1, HistoryBuilder.Second).IsClean();
}
