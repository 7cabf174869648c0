using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

/// <summary>Wakes that carry their message: as good as a take where they fit, and only a wake where they do not.</summary>
public sealed class SessionCarriedTests : IDisposable
{
    private readonly SessionFixture _given = new();

    public void Dispose() => _given.Dispose();

    [Fact]
    public async Task A_message_right_behind_the_place_needs_no_take()
    {
        var (session, fence) = await WaitingSessionAsync();
        var next = SessionFixture.WaitingAsync(session);

        _given.Wakes.Wake(Carry(1, fence));

        var messages = await next;
        messages.Messages.ShouldHaveSingleItem().Id.Sequence.ShouldBe(1);
        messages.Cursor.Position.ShouldBe(Sample.Place(1));
        _given.Store.TakeRequests.Count.ShouldBe(1, "the one at the beginning");
    }

    [Fact]
    public async Task Several_are_told_in_their_order_whatever_order_they_came_in()
    {
        var (session, fence) = await WaitingSessionAsync();
        foreach (var sequence in new[] { 3, 1, 2 })
        {
            _given.Wakes.Wake(Carry(sequence, fence));
        }

        (await SessionFixture.NextAsync(session)).Messages.Select(message => message.Id.Sequence).ShouldBe([1L, 2L, 3L]);
    }

    [Fact]
    public async Task One_that_was_had_before_is_passed_over()
    {
        var (session, fence) = await WaitingSessionAsync();
        _given.Wakes.Wake(Carry(1, fence));
        await SessionFixture.NextAsync(session);
        var next = SessionFixture.WaitingAsync(session);

        _given.Wakes.Wake(Carry(1, fence));
        _given.Wakes.Wake(Carry(2, fence));

        (await next).Messages.ShouldHaveSingleItem().Id.Sequence.ShouldBe(2);
        _given.Store.TakeRequests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task One_behind_a_hole_is_taken_instead()
    {
        var (session, fence) = await WaitingSessionAsync();
        var next = SessionFixture.WaitingAsync(session);
        _given.Store.OnTake(Sample.Entry(1), Sample.Entry(2));

        _given.Wakes.Wake(Carry(2, fence));

        (await next).Messages.Length.ShouldBe(2);
        _given.Store.TakeRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task One_behind_another_entry_than_the_place_is_taken_instead()
    {
        var (session, fence) = await WaitingSessionAsync();
        _given.Wakes.Wake(Carry(1, fence));
        await SessionFixture.NextAsync(session);
        var next = SessionFixture.WaitingAsync(session);
        _given.Store.OnTake(Sample.Entry(2));

        var other = Sample.Place(1) with { Check = new Identifier(0xBAD) };
        _given.Wakes.Wake(Carry(2, fence) with { Before = other });

        await next;
        _given.Store.TakeRequests.Count.ShouldBe(2, "only the store can tell what became of the place");
    }

    [Fact]
    public async Task One_for_another_session_is_taken_instead_which_tells_that_it_was_replaced()
    {
        var (session, fence) = await WaitingSessionAsync();
        var next = SessionFixture.WaitingAsync(session);
        _given.Store.OnTake(_ => new Taken(TakeOutcome.Replaced, new Identifier(0xDD), default, null, null, false, []));

        _given.Wakes.Wake(Carry(1, fence with { Epoch = fence.Epoch + 1 }));

        (await next).Kind.ShouldBe(SessionEventKind.Replaced);
    }

    [Fact]
    public async Task A_watcher_has_no_fence()
    {
        var session = await _given.OpenAsync(new OpenOptions { IsShared = true });
        var next = SessionFixture.WaitingAsync(session);

        _given.Wakes.Wake(Carry(1, new Fence(7, new Identifier(0xEE))));

        (await next).Messages.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task No_more_are_told_at_once_than_one_answer_may_have()
    {
        var session = await _given.OpenAsync(new OpenOptions { MaxBatch = 2 });
        var fence = new Fence(1, _given.Store.OpenRequests[^1].Fence.Owner);
        _given.Store.OnTake();
        _given.Store.OnTake(Sample.Entry(3));
        for (var sequence = 1; sequence <= 3; sequence++)
        {
            _given.Wakes.Wake(Carry(sequence, fence));
        }

        (await SessionFixture.NextAsync(session)).Messages.Length.ShouldBe(2);
        (await SessionFixture.NextAsync(session)).Messages.ShouldHaveSingleItem().Id.Sequence.ShouldBe(3);
    }

    [Fact]
    public async Task What_does_not_fit_is_taken()
    {
        var session = await _given.OpenAsync();
        var fence = new Fence(1, _given.Store.OpenRequests[^1].Fence.Owner);
        _given.Store.OnTake(Sample.Entry(1));
        for (var sequence = 1; sequence <= 100; sequence++)
        {
            _given.Wakes.Wake(Carry(sequence, fence));
        }

        (await SessionFixture.NextAsync(session)).Messages.Length.ShouldBe(1, "a take");
        (await SessionFixture.NextAsync(session)).Messages.Select(message => message.Id.Sequence)
            .ShouldBe(Enumerable.Range(2, 63).Select(sequence => (long)sequence));
    }

    private static Carried Carry(long sequence, Fence fence) => new(fence, Sample.Place(sequence - 1), Sample.Message(sequence));

    /// <summary>Open, taken once, and with nothing more to tell.</summary>
    private async Task<(Session Session, Fence Fence)> WaitingSessionAsync()
    {
        var session = await _given.OpenAsync();
        _given.Store.OnTake();
        var fence = new Fence(1, _given.Store.OpenRequests[^1].Fence.Owner);
        return (session, fence);
    }
}
