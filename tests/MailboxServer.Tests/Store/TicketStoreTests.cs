using Mailbox;
using Mailbox.Mailboxes;
using Mailbox.Redis;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

[Collection(StoreOnRedis.Name)]
public sealed class TicketStoreOnRedisTests(RedisFixture fixture) : TicketStoreTests(fixture);

[Collection(StoreOnGarnet.Name)]
public sealed class TicketStoreOnGarnetTests(GarnetFixture fixture) : TicketStoreTests(fixture);

/// <summary>Tickets in a real engine.</summary>
public abstract class TicketStoreTests(StoreFixture fixture)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);
    private static readonly Identifier One = Identifier.Random();
    private static readonly Identifier Other = Identifier.Random();

    private readonly RedisTickets _tickets = new(fixture.Connection, new RedisScripts(new MailboxOptions()), fixture.Keys);

    [Fact]
    public async Task Find_Issued_AsItWas()
    {
        var ticket = await IssueAsync(TimeSpan.FromHours(1));
        var found = (await FindAsync(ticket)).ShouldNotBeNull();
        found.Grant.Tokens.ShouldBe([ticket.Hash, "jti"]);
        (found with { Grant = ticket.Grant }).ShouldBe(ticket);
        found.Grant.Caller.ShouldBe(ticket.Grant.Caller);
        found.Grant.Issued.ShouldBe(ticket.Grant.Issued);
        found.Grant.Until.ShouldBe(ticket.Grant.Until);
        (await _tickets.FindAsync(ticket.Mailbox + "x", ticket.Hash, CancellationToken.None)).ShouldBeNull();
        (await TimeLeftAsync(ticket)).ShouldBeInRange(1, 30_000);
    }

    [Fact]
    public async Task Bind_SecondReceiver_Refused()
    {
        var ticket = await IssueAsync(TimeSpan.FromHours(1));
        (await BindAsync(ticket, One)).ShouldBeTrue();
        (await TimeLeftAsync(ticket)).ShouldBeInRange(3_000_000, 3_600_000);
        (await BindAsync(ticket, Other)).ShouldBeFalse();
        (await BindAsync(ticket, One)).ShouldBeTrue();
        (await FindAsync(ticket)).ShouldNotBeNull().Receiver.ShouldBe(One);
    }

    [Fact]
    public async Task Bind_UnknownOrOver_RefusedAndNothingIsLeft()
    {
        var unknown = TicketOf(TimeSpan.FromHours(1));
        (await BindAsync(unknown, One)).ShouldBeFalse();
        (await ExistsAsync(unknown)).ShouldBeFalse();

        // The node's clock let it pass; Redis's says that it is over.
        var over = await IssueAsync(TimeSpan.FromSeconds(-5));
        (await BindAsync(over, One)).ShouldBeFalse();
        (await ExistsAsync(over)).ShouldBeFalse("a key would stay there for ever");
    }

    [Fact]
    public async Task Release_ItsReceivers_WaitsAsAtFirst()
    {
        var ticket = await IssueAsync(TimeSpan.FromHours(1));
        await BindAsync(ticket, One);
        await _tickets.ReleaseAsync(ticket, Other, Wait);
        (await FindAsync(ticket)).ShouldNotBeNull().Receiver.ShouldBe(One);
        await _tickets.ReleaseAsync(ticket, One, Wait);
        (await FindAsync(ticket)).ShouldNotBeNull().Receiver.IsNone.ShouldBeTrue();
        (await TimeLeftAsync(ticket)).ShouldBeInRange(1, 30_000);
        (await BindAsync(ticket, Other)).ShouldBeTrue();
    }

    private static Ticket TicketOf(TimeSpan life)
    {
        var text = Ticket.NewText();
        var until = DateTimeOffset.FromUnixTimeSeconds((DateTimeOffset.UtcNow + life).ToUnixTimeSeconds());
        return new Ticket(Ticket.HashOf(text), Names.Fresh("ticket"), IsShared: true, new Grant("alice", ["jti"], until.AddDays(-1), until));
    }

    private async Task<Ticket> IssueAsync(TimeSpan life)
    {
        var ticket = TicketOf(life);
        await _tickets.IssueAsync(ticket, Wait, CancellationToken.None);
        return ticket;
    }

    private Task<Ticket?> FindAsync(Ticket ticket) => _tickets.FindAsync(ticket.Mailbox, ticket.Hash, CancellationToken.None).AsTask();

    private Task<bool> BindAsync(Ticket ticket, Identifier receiver) => _tickets.BindAsync(ticket, receiver, CancellationToken.None).AsTask();

    private async Task<bool> ExistsAsync(Ticket ticket) => await fixture.Cli.ExecuteAsync("EXISTS", KeyOf(ticket)) is 1L;

    private async Task<long> TimeLeftAsync(Ticket ticket) => (long)(await fixture.Cli.ExecuteAsync("PTTL", KeyOf(ticket)))!;

    private static string KeyOf(Ticket ticket) => $"mailbox:{{{ticket.Mailbox}}}:ticket:{ticket.Hash}";
}
