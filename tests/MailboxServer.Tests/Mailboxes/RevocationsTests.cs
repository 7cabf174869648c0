using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public class RevocationsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly Revocations _revocations = new();

    [Fact]
    public void Holds_NothingRevoked_False() => _revocations.Holds(Of("alice", "t", Now)).ShouldBeFalse();

    [Fact]
    public void Holds_Token_ThatTokenAlone()
    {
        _revocations.Become([new Revocation("t", null, default)]);
        _revocations.Holds(Of("alice", "t", Now)).ShouldBeTrue();
        _revocations.Holds(Of("alice", "u", Now)).ShouldBeFalse();
        _revocations.Holds(Of("t", "u", Now)).ShouldBeFalse();
        _revocations.Holds(new Grant("alice", ["ticket", "t"], Now, DateTimeOffset.MaxValue)).ShouldBeTrue();
        _revocations.Holds(Grant.Everybody).ShouldBeFalse();
    }

    [Fact]
    public void Holds_Caller_WhatWasGivenUntilThen()
    {
        _revocations.Become([new Revocation(null, "alice", Now), new Revocation(null, "alice", Now.AddSeconds(-60))]);
        _revocations.Holds(Of("alice", "t", Now)).ShouldBeTrue();
        _revocations.Holds(Of("alice", "t", Now.AddSeconds(-1))).ShouldBeTrue();
        _revocations.Holds(Of("alice", "t", null)).ShouldBeTrue();
        _revocations.Holds(Of("alice", "t", Now.AddSeconds(1))).ShouldBeFalse();
        _revocations.Holds(Of("Alice", "t", Now)).ShouldBeFalse();
        _revocations.Holds(Of("bob", "alice", Now)).ShouldBeFalse();
        _revocations.Holds(Grant.Everybody).ShouldBeFalse();
    }

    [Fact]
    public void Become_Others_TheOldOnesAreForgotten()
    {
        _revocations.Become([new Revocation("t", null, default)]);
        _revocations.Become([new Revocation("u", null, default)]);
        _revocations.Holds(Of("alice", "t", Now)).ShouldBeFalse();
        _revocations.Holds(Of("alice", "u", Now)).ShouldBeTrue();
    }

    private static Grant Of(string caller, string token, DateTimeOffset? issued) => new(caller, [token], issued, DateTimeOffset.MaxValue);
}
