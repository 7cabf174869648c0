using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>G11 and G6: acknowledgements that are not the receiver's, or not of what it was sent, remove nothing.</summary>
[Collection(BadInputSite.Name)]
public sealed class AckTests(BadInputSite site)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private string Mailbox { get; } = Names.Fresh("ack");

    [Fact]
    public async Task Beyond_what_was_sent()
    {
        await using var receiver = await OpenAsync();
        await RefusedAsync(Cursors.WithSequence(receiver.LastCursor!, 3), ProblemTypes.BeyondSent);
        await RefusedAsync(Cursors.WithSequence(receiver.LastCursor!, Cursors.MaxSequence), ProblemTypes.BeyondSent);
        await WorksAsync(receiver);
    }

    [Fact]
    public async Task Of_another_generation()
    {
        await using var receiver = await OpenAsync();
        await RefusedAsync(Cursors.WithGeneration(receiver.LastCursor!, 0x0123_4567_89ab_cdef), ProblemTypes.StaleCursor);
        await WorksAsync(receiver);
    }

    [Fact]
    public async Task Of_another_message_in_its_place()
    {
        await using var receiver = await OpenAsync();
        await RefusedAsync(Cursors.WithCheck(receiver.LastCursor!, 0x0123_4567_89ab_cdef), ProblemTypes.StaleCursor);
        await WorksAsync(receiver);
    }

    [Fact]
    public async Task Of_another_receiver()
    {
        await using var receiver = await OpenAsync();
        await RefusedAsync(Cursors.WithReceiver(receiver.LastCursor!, 0x0123_4567_89ab_cdef), ProblemTypes.NotReceiver);
        await WorksAsync(receiver);
    }

    [Fact]
    public async Task After_a_takeover()
    {
        await using var first = await OpenAsync();
        await using var second = await OpenAsync(delivers: false);
        await RefusedAsync(first.LastCursor!, ProblemTypes.NotReceiver);
        await WorksAsync(second);
    }

    [Fact]
    public async Task In_a_mailbox_that_does_not_exist()
    {
        var unused = Names.Fresh("unused");
        await site.RefusesAsync(409, ProblemTypes.NotReceiver, () => AckAsync(unused, Cursors.Made), unused);
    }

    [Fact]
    public async Task Repeated_it_is_204_again_and_removes_no_more()
    {
        await using var receiver = await OpenAsync();
        var first = receiver.LastCursor!;
        (await AckAsync(Mailbox, first)).Status.ShouldBe(204);
        await site.DeliverAsync(Mailbox, "three");
        (await AckAsync(Mailbox, first)).Status.ShouldBe(204);
        (await receiver.NextAsync(Patience)).Text.ShouldBe("three");
        (await AckAsync(Mailbox, first)).Status.ShouldBe(204);
        (await site.InfoAsync(Mailbox)).Messages.ShouldBe(1);
        (await AckAsync(Mailbox, receiver.LastCursor!)).Status.ShouldBe(204);
        (await site.InfoAsync(Mailbox)).Messages.ShouldBe(0);
    }

    [Fact]
    public async Task With_a_cursor_of_another_mailbox()
    {
        await using var receiver = await OpenAsync();
        var other = await site.PrimedAsync();
        await using var others = await Receivers.SseAsync(site.Address, other, new ReceiverOptions { Ack = "client" });
        (await others.NextAsync(Patience)).IsControl("open").ShouldBeTrue();
        (await others.NextAsync(Patience)).Text.ShouldBe("before");
        await RefusedAsync(others.LastCursor!, ProblemTypes.NotReceiver);
        await WorksAsync(receiver);
    }

    private async Task RefusedAsync(string cursor, string type) =>
        await site.RefusesAsync(409, type, () => AckAsync(Mailbox, cursor), Mailbox);

    private Task<RawResponse> AckAsync(string mailbox, string cursor) => site.SendAsync(site.Request(
        "POST", MailboxRoutes.ForAck(mailbox), ["Content-Type: application/json"], Encoding.UTF8.GetBytes($$"""{"cursor":"{{cursor}}"}""")));

    /// <summary>A receiver that was sent two messages.</summary>
    private async Task<SseReceiver> OpenAsync(bool delivers = true)
    {
        if (delivers)
        {
            await site.DeliverAsync(Mailbox, "one");
            await site.DeliverAsync(Mailbox, "two");
        }

        var receiver = await Receivers.SseAsync(site.Address, Mailbox, new ReceiverOptions { Ack = "client" });
        (await receiver.NextAsync(Patience)).IsControl("open").ShouldBeTrue();
        (await receiver.NextAsync(Patience)).Text.ShouldBe("one");
        (await receiver.NextAsync(Patience)).Text.ShouldBe("two");
        return receiver;
    }

    /// <summary>Both messages are still there, the stream goes on, and a right ack removes all.</summary>
    private async Task WorksAsync(SseReceiver receiver)
    {
        (await site.InfoAsync(Mailbox)).Messages.ShouldBe(2);
        await site.DeliverAsync(Mailbox, "three");
        (await receiver.NextAsync(Patience)).Text.ShouldBe("three");
        (await AckAsync(Mailbox, receiver.LastCursor!)).Status.ShouldBe(204);
        (await site.InfoAsync(Mailbox)).Messages.ShouldBe(0);
    }
}
