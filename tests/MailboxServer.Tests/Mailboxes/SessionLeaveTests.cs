using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

/// <summary>What a session tells the store when it ends: only what is certain to have been flushed.</summary>
public sealed class SessionLeaveTests : IDisposable
{
    private static readonly string[] AtTheEnd = ["unsubscribe", "leave"];

    private readonly SessionFixture _given = new();

    private FakeMailboxStore Store => _given.Store;

    public void Dispose() => _given.Dispose();

    [Fact]
    public async Task DisposeAsync_AskedForMoreAfterTheMessages_TheyWereFlushed()
    {
        Store.OnTake(Sample.Entry(1), Sample.Entry(2));
        var session = await OpenAsync();
        await SessionFixture.NextAsync(session);
        _ = SessionFixture.WaitingAsync(session);
        await session.DisposeAsync();
        var leave = Store.LeaveRequests.ShouldHaveSingleItem();
        leave.Position.ShouldBe(Sample.Place(2));
        leave.IsFlushed.ShouldBeTrue();
        leave.Fence.ShouldBe(Store.TakeRequests[^1].Fence);
        _given.Journal.Entries.TakeLast(2).ShouldBe(AtTheEnd);
    }

    [Fact]
    public async Task DisposeAsync_MessagesReturnedAndNeverAskedAgain_NotFlushed()
    {
        // The transport failed while it wrote them: they must stay for the resume.
        Store.OnTake(Sample.Entry(1), Sample.Entry(2));
        var session = await OpenAsync();
        await SessionFixture.NextAsync(session);
        await session.DisposeAsync();
        Store.LeaveRequests.ShouldHaveSingleItem().IsFlushed.ShouldBeFalse();
    }

    [Fact]
    public async Task DisposeAsync_SecondBatchNotFlushed_TheFirstWasToldByItsTake()
    {
        Store.OnTake(request => FakeMailboxStore.Found(request.Position, Sample.Entry(1)) with { TakeAgain = true });
        Store.OnTake(Sample.Entry(2));
        var session = await OpenAsync();
        await SessionFixture.NextAsync(session);
        await SessionFixture.NextAsync(session);
        await session.DisposeAsync();
        Store.TakeRequests[^1].Position.ShouldBe(Sample.Place(1));
        Store.LeaveRequests.ShouldHaveSingleItem().IsFlushed.ShouldBeFalse();
    }

    [Fact]
    public async Task DisposeAsync_EndedByADrain_WhatCameBeforeWasFlushed()
    {
        Store.OnTake(Sample.Entry(1));
        var session = await OpenAsync();
        await SessionFixture.NextAsync(session);
        session.Signal.Raise(SessionReasons.Drain);
        (await SessionFixture.NextAsync(session)).Kind.ShouldBe(SessionEventKind.Draining);
        await session.DisposeAsync();
        var leave = Store.LeaveRequests.ShouldHaveSingleItem();
        leave.Position.ShouldBe(Sample.Place(1));
        leave.IsFlushed.ShouldBeTrue();
    }

    [Fact]
    public async Task DisposeAsync_ReceiverThatAcknowledges_NothingCountsAsFlushed()
    {
        Store.OnTake(Sample.Entry(1));
        var session = await OpenAsync(new OpenOptions { Ack = AckMode.Client });
        await SessionFixture.NextAsync(session);
        _ = SessionFixture.WaitingAsync(session);
        await session.DisposeAsync();
        Store.LeaveRequests.ShouldHaveSingleItem().IsFlushed.ShouldBeFalse();
    }

    [Fact]
    public async Task DisposeAsync_Shared_NeverLeaves()
    {
        Store.OnTake(Sample.Entry(1));
        var session = await OpenAsync(new OpenOptions { IsShared = true });
        await SessionFixture.NextAsync(session);
        await session.DisposeAsync();
        Store.LeaveRequests.ShouldBeEmpty();
        _given.Journal.Entries[^1].ShouldBe("unsubscribe");
        Store.TakeRequests.ShouldAllBe(request => request.IsShared);
    }

    [Fact]
    public async Task DisposeAsync_AnsweredLongPoll_KeepsTheLease()
    {
        var session = await OpenAsync(new OpenOptions { Ack = AckMode.Client });
        session.KeepsLease = true;
        await session.DisposeAsync();
        Store.LeaveRequests.ShouldHaveSingleItem().KeepsLease.ShouldBeTrue();
    }

    [Fact]
    public async Task DisposeAsync_StoreAway_EndsAllTheSame()
    {
        var session = await OpenAsync();
        Store.IsAway = true;
        await session.DisposeAsync();
        _given.Wakes.Count.ShouldBe(0);
        _given.Registry.Count.ShouldBe(0);
    }

    [Fact]
    public async Task DisposeAsync_WakeAfterTheEnd_DoesNothing()
    {
        var session = await OpenAsync();
        await session.DisposeAsync();
        _given.Wakes.Wake();
        session.Signal.Raise(SessionReasons.Wake);
        Store.TakeRequests.ShouldBeEmpty();
    }

    private Task<Session> OpenAsync(OpenOptions? options = null) => _given.OpenAsync(options);
}
