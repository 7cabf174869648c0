using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.Access;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Groups;

/// <summary>The list of groups: by the beginning of their names, page by page, for who administers all that begin so.</summary>
public class ListTests(Cluster cluster)
{
    [Fact]
    public async Task Groups_are_listed_by_the_beginning_of_their_names_whichever_node_is_asked()
    {
        var own = Names.Fresh("list");
        string[] groups = [$"{own}.a", $"{own}.b", $"{own}"];
        foreach (var group in groups)
        {
            await cluster.A.JoinAllAsync(group, "member");
        }

        (await AllAsync(cluster.B, own)).ShouldBe(groups, ignoreOrder: true);
        (await AllAsync(cluster.B, $"{own}.")).ShouldBe([$"{own}.a", $"{own}.b"], ignoreOrder: true);
        (await AllAsync(cluster.B, $"{own}.c")).ShouldBeEmpty();
        (await AllAsync(cluster.A, "")).ShouldContain(own);
    }

    [Fact]
    public async Task A_group_that_something_waits_for_is_listed_though_nobody_is_in_it()
    {
        var own = Names.Fresh("list");
        (await cluster.A.DeliverToGroupAsync(own, "m")).Status.ShouldBe(200);

        (await AllAsync(cluster.B, own)).ShouldBe([own]);
    }

    [Fact]
    public async Task A_long_list_comes_in_pages_and_none_is_missing()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await redis.StartNodeAsync(Cluster.Unhurried);
        string[] groups = [.. Enumerable.Range(0, 5_000).Select(i => $"room-{i}")];
        await redis.ExecuteAsync(["ZADD", "mailbox:groups", .. groups.SelectMany(group => new object[] { "9999999999999", group })]);
        await redis.ExecuteAsync("ZADD", "mailbox:groups", "9999999999999", "other", "9999999999999", "room-{no name}");

        var pages = await PagesAsync(node, "room-");

        pages.Count.ShouldBeGreaterThan(1);
        pages.Max(page => page.Groups.Count).ShouldBeLessThan(groups.Length);
        pages.SelectMany(page => page.Groups).Distinct().ShouldBe(groups, ignoreOrder: true);
    }

    [Fact]
    public async Task The_list_is_for_who_administers_all_groups_that_begin_so()
    {
        await using var node = await cluster.StartNodeAsync(
            ("Mailbox:Access:Jwt:Keys:0", Convert.ToBase64String(new byte[32])),
            ("Mailbox:Access:Jwt:Issuer", TokenIssuer.Issuer),
            ("Mailbox:Access:Jwt:Audience", TokenIssuer.Audience));
        foreach (var (scope, pattern, prefix, status) in new[]
        {
            ("mailbox.admin", "*", "", 200), ("mailbox.admin", "group:*", "", 200), ("mailbox.admin", "group:*", "room-", 200),
            ("mailbox.admin", "group:room-*", "room-", 200), ("mailbox.admin", "group:room-*", "room-7", 200),
            ("mailbox.admin", "group:room-*", "room", 403), ("mailbox.admin", "group:room-*", "", 403), ("mailbox.admin", "group:room-7", "room-7", 403),
            ("mailbox.admin", "room-*", "room-", 403), ("mailbox.admin", "g*", "", 403), ("mailbox.deliver", "*", "", 403), ("mailbox.open", "group:*", "", 403),
        })
        {
            var bearer = AccessSite.Bearer(TokenIssuer.Symmetric(new byte[32]).Make("caller", (scope, pattern)));
            var answer = await node.CallAsync("GET", $"{MailboxRoutes.Groups}?prefix={prefix}", null, bearer);
            answer.Status.ShouldBe(status, $"{scope}:{pattern} '{prefix}' {answer.Text}");
        }

        (await node.GetAsync(MailboxRoutes.Groups)).Status.ShouldBe(401);
    }

    private static async Task<IReadOnlyList<string>> AllAsync(MailboxNode node, string prefix) =>
        [.. (await PagesAsync(node, prefix)).SelectMany(page => page.Groups).Distinct()];

    private static async Task<IReadOnlyList<GroupList>> PagesAsync(MailboxNode node, string prefix)
    {
        var pages = new List<GroupList>();
        string? cursor = null;
        do
        {
            var answer = await node.GetAsync($"{MailboxRoutes.Groups}?prefix={prefix}{(cursor is null ? "" : $"&cursor={cursor}")}");
            answer.Status.ShouldBe(200, answer.Text);
            pages.Add(JsonSerializer.Deserialize(answer.Body, MailboxJsonContext.Default.GroupList)!);
            cursor = pages[^1].Cursor;
        }
        while (cursor is not null);

        return pages;
    }
}
