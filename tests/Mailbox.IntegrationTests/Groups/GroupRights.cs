using Mailbox.Contracts;
using Mailbox.IntegrationTests.Access;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Groups;

/// <summary>G12: what a caller may do with which group.</summary>
[Collection(AccessSite.Name)]
public sealed class GroupRights(AccessSite site)
{
    /// <summary>$ stands for a name of the test's own: of the group, and of a mailbox that is called the same.</summary>
    [Theory]
    [InlineData("mailbox.deliver", "group:$", "deliver")]
    [InlineData("mailbox.deliver", "group:$*", "deliver")]
    [InlineData("mailbox.deliver", "group:*", "deliver")]
    [InlineData("mailbox.deliver", "*", "deliver")]
    [InlineData("mailbox.deliver", "$", "")]
    [InlineData("mailbox.deliver", "$*", "")]
    [InlineData("mailbox.deliver", "g*", "")]
    [InlineData("mailbox.deliver", "group:$x", "")]
    [InlineData("mailbox.deliver", "group:", "")]
    [InlineData("mailbox.open", "group:$", "")]
    [InlineData("mailbox.open", "$", "leave")]
    [InlineData("mailbox.admin", "$", "leave")]
    [InlineData("mailbox.admin", "group:$", "deliver admin leave")]
    [InlineData("mailbox.admin", "group:$ $", "deliver admin leave join")]
    [InlineData("mailbox.admin", "*", "deliver admin leave join")]
    public async Task A_scope_allows_what_it_says_and_nothing_beside(string scope, string patterns, string allowed)
    {
        var own = Names.Fresh("right");
        var bearer = AccessSite.Bearer(AccessSite.Issuer.Make("caller", (scope, patterns.Replace("$", own, StringComparison.Ordinal))));
        await ShouldAsync("deliver", "POST", MailboxRoutes.ForGroupMessages(own));
        await ShouldAsync("deliver", "GET", MailboxRoutes.ForGroupDelivery(own, "0123456789abcdef"));
        await ShouldAsync("admin", "GET", MailboxRoutes.ForGroup(own));
        await ShouldAsync("admin", "DELETE", MailboxRoutes.ForGroup(own));
        await ShouldAsync("join", "PUT", MailboxRoutes.ForGroupMember(own, own));
        await ShouldAsync("leave", "DELETE", MailboxRoutes.ForGroupMember(own, own));

        async Task ShouldAsync(string right, string method, string path)
        {
            var answer = await site.A.CallAsync(method, path, method == "POST" ? "m"u8.ToArray() : null, bearer);
            (answer.Status == 403).ShouldBe(!allowed.Split(' ').Contains(right), $"{method} {path}: {answer.Status} {answer.Text}");
        }
    }

    [Fact]
    public async Task Who_may_deliver_to_a_group_may_not_deliver_into_a_mailbox_of_its_name()
    {
        var own = Names.Fresh("right");
        var bearer = AccessSite.Bearer(AccessSite.Issuer.Make("caller", ("mailbox.deliver", $"group:{own}")));
        (await site.A.DeliverAsync(own, "m", bearer)).Status.ShouldBe(403);
        (await site.A.CallAsync("POST", MailboxRoutes.ForGroupMessages(own), "m"u8.ToArray())).Status.ShouldBe(401);
    }
}
