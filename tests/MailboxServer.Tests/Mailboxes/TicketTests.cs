using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public class TicketTests
{
    private static readonly Identifier Own = Identifier.Random();
    private static readonly Identifier Other = Identifier.Random();

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    public void Admits_FirstOpen_InItsModeFromAnywhere(bool isShared, bool asksShared, bool admits)
    {
        var ticket = Ticket(isShared, default);
        foreach (var asked in new[] { new OpenOptions(), new OpenOptions { Start = StartAt.Now }, At(Other) })
        {
            ticket.Admits(asked with { IsShared = asksShared }).ShouldBe(admits);
        }
    }

    [Fact]
    public void Admits_LaterOpen_WithItsReceiversCursorAlone()
    {
        var ticket = Ticket(isShared: false, Own);
        ticket.Admits(At(Own)).ShouldBeTrue();
        ticket.Admits(At(Own) with { IsShared = true }).ShouldBeFalse();
        ticket.Admits(At(Other)).ShouldBeFalse();
        ticket.Admits(new OpenOptions()).ShouldBeFalse();
        ticket.Admits(new OpenOptions { Receiver = Own }).ShouldBeFalse();
        ticket.Admits(new OpenOptions { Start = StartAt.Now, Receiver = Own }).ShouldBeFalse();
    }

    [Fact]
    public void NewText_EachTime_Another()
    {
        var texts = Enumerable.Range(0, 100).Select(_ => Mailbox.Mailboxes.Ticket.NewText()).ToList();
        texts.ShouldBeUnique();
        texts.ShouldAllBe(text => text.StartsWith("mbt_", StringComparison.Ordinal) && text.Length == 47);
        texts.Select(Mailbox.Mailboxes.Ticket.HashOf).ShouldBeUnique();
    }

    private static Ticket Ticket(bool isShared, Identifier receiver) => new("hash", "alice", isShared, Grant.Everybody, receiver);

    private static OpenOptions At(Identifier receiver) =>
        new() { Start = StartAt.Cursor, Cursor = new Cursor(new Position(Identifier.Random(), 1, Identifier.Random()), receiver) };
}
