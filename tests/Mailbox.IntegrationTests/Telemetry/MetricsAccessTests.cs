using Mailbox.IntegrationTests.Access;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Telemetry;

/// <summary>How busy a server is concerns its operators, unless it says otherwise.</summary>
[Collection(AccessSite.Name)]
public class MetricsAccessTests(AccessSite site)
{
    [Fact]
    public async Task It_takes_a_caller_who_administers_everything()
    {
        (await site.A.GetAsync("/metrics")).Status.ShouldBe(401);
        (await site.A.CallAsync("GET", "/metrics", null, AccessSite.Bearer(AccessSite.Backend))).Status.ShouldBe(403);
        (await site.A.CallAsync("GET", "/metrics", null, AccessSite.Bearer(AccessSite.OpenOf("*")))).Status.ShouldBe(403);

        (await Figures.OfAsync(site.A, AccessSite.Bearer(AccessSite.Operator)))["mailbox_ready"].ShouldBe(1);
    }

    [Fact]
    public async Task It_is_for_all_where_the_node_is_told_so_and_nothing_else_is()
    {
        await using var node = await MailboxNode.StartAsync(site.Redis, new MailboxNodeOptions
        {
            StartDeadline = Patience.Start,
            Settings = new Dictionary<string, string>
            {
                ["Mailbox:Access:OpenMetrics"] = "true",
                ["Mailbox:Access:ApiKeys:0:Name"] = "somebody",
                ["Mailbox:Access:ApiKeys:0:Hash"] = new string('a', 64),
                ["Mailbox:Access:ApiKeys:0:Scopes:0"] = "mailbox.deliver:*",
            },
        });

        (await Figures.OfAsync(node))["mailbox_ready"].ShouldBe(1);
        (await node.GetAsync("/info")).Status.ShouldBe(401);
    }
}
