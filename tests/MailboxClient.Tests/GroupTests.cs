using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>Groups, by the client and a real server.</summary>
public sealed class GroupTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Members_join_are_delivered_to_and_leave()
    {
        using var client = new MailboxClient(server.Node.BaseAddress.ToString());
        var (group, prefix) = (client.Group(Names.Fresh("group")), Names.Fresh("member"));
        (await group.JoinAsync($"{prefix}.a")).Ends.ShouldBeNull();
        (await group.JoinAsync($"{prefix}.b", TimeSpan.FromSeconds(90.5))).Ends!.Value.ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddSeconds(60));
        (await MembersAsync()).ShouldBe([$"{prefix}.a", $"{prefix}.b"]);

        var told = await group.SendAsync("hello", new SendOptions { Type = "greeting", IdempotencyKey = "k" });
        var again = await group.SendAsync("hello", new SendOptions { IdempotencyKey = "k" });

        (told.State, told.Members, told.Waiting).ShouldBe((GroupDeliveryStates.Done, 2, 2));
        again.ShouldBe(told);
        (await group.FindAsync(told.Id)).ShouldBe(told);
        await using var receiver = client.ReceiveAsync($"{prefix}.a");
        (await receiver.TakeAsync(1)).ShouldBe(["hello"]);
        await group.LeaveAsync($"{prefix}.b");
        await group.LeaveAsync($"{prefix}.b");
        (await MembersAsync()).ShouldBe([$"{prefix}.a"]);
        await group.RemoveAsync();
        (await MembersAsync()).ShouldBeEmpty();

        async Task<List<string>> MembersAsync()
        {
            var names = new List<string>();
            await foreach (var member in group.MembersAsync())
            {
                names.Add(member.Mailbox);
            }

            names.Sort(StringComparer.Ordinal);
            return names;
        }
    }

    [Fact]
    public async Task All_of_many_members_are_listed_and_one_who_does_not_wait_learns_later()
    {
        using var client = new MailboxClient(server.Node.BaseAddress.ToString());
        var (group, prefix) = (client.Group(Names.Fresh("group")), Names.Fresh("many"));
        foreach (var some in Enumerable.Range(0, 1_500).Chunk(50))
        {
            await Task.WhenAll(some.Select(i => group.JoinAsync($"{prefix}.{i}")));
        }

        var told = await group.SendAsync("m", waits: false);

        await Eventually.HoldsAsync(
            async () => (await group.FindAsync(told.Id)) is { State: GroupDeliveryStates.Done, Members: 1_500 }, TimeSpan.FromSeconds(60), "it is over");
        var names = new HashSet<string>();
        await foreach (var member in group.MembersAsync())
        {
            names.Add(member.Mailbox).ShouldBeTrue();
        }

        names.Count.ShouldBe(1_500);
    }

    [Fact]
    public async Task What_the_server_refuses_is_thrown()
    {
        using var client = new MailboxClient(server.Node.BaseAddress.ToString());
        Should.Throw<ArgumentException>(() => client.Group("no name"));
        var group = client.Group(Names.Fresh("group"));
        await Should.ThrowAsync<ArgumentException>(() => group.JoinAsync(".m"));
        (await Should.ThrowAsync<MailboxException>(() => group.FindAsync("0123456789abcdef"))).ProblemType.ShouldBe(ProblemTypes.DeliveryNotFound);
        (await Should.ThrowAsync<MailboxException>(() => group.SendAsync(new byte[70_000]))).Status.ShouldBe(413);
        (await Should.ThrowAsync<MailboxException>(() => client.Group("~system").SendAsync("m"))).Status.ShouldBe(403);
    }
}
