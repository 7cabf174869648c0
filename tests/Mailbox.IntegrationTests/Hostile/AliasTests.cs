using Mailbox.Contracts;
using Mailbox.IntegrationTests.BadInput;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Hostile;

/// <summary>
/// One mailbox has one name, and one path has one form: a rule that somebody before this server holds on paths cannot be got
/// round by writing them otherwise.
/// </summary>
[Collection(BadInputSite.Name)]
public sealed class AliasTests(BadInputSite site)
{
    [Fact]
    public async Task Names_that_differ_at_all_are_of_different_mailboxes()
    {
        var name = Names.Fresh("alias");
        string[] others = [name.ToUpperInvariant(), name + ".", name + "~", name + "-", "_" + name, name + "_messages", name + ".index"];
        await site.DeliverAsync(name, "mine");
        foreach (var other in others)
        {
            await site.DeliverAsync(other, "other");
        }

        await site.WorksAsync(name, "mine");
        foreach (var other in others)
        {
            await site.WorksAsync(other, "other");
        }
    }

    [Fact]
    public async Task A_name_that_is_encoded_needlessly_is_the_same_name_in_every_answer()
    {
        var name = Names.Fresh("alias");
        var encoded = string.Concat(name.Select(c => $"%{(int)c:x2}"));
        var delivered = await site.SendAsync("POST", $"/v1/mailboxes/{encoded}/messages", "x");
        delivered.Status.ShouldBe(202, delivered.Text);
        delivered.Header("Location")!.ShouldStartWith($"/v1/mailboxes/{name}/messages/");
        (await site.SendAsync("GET", $"/v1/mailboxes/{encoded}/info")).Text.ShouldContain($"\"mailbox\":\"{name}\"");
        (await site.SnapshotAsync()).ShouldNotContain("%");
        await site.WorksAsync(name, "x");
    }

    [Theory]
    [InlineData("DELETE", "/V1/mailboxes/{m}")]
    [InlineData("DELETE", "/v1/Mailboxes/{m}")]
    [InlineData("DELETE", "/v1/%6dailboxes/{m}")]
    [InlineData("DELETE", "/%761/mailboxes/{m}")]
    [InlineData("DELETE", "/v1/mailboxes/{m}/RECEIVER")]
    [InlineData("POST", "/v1/mailboxes/{m}/Messages")]
    [InlineData("POST", "/v1/mailboxes/{m}/m%65ssages")]
    [InlineData("PUT", "http://{h}/v1/MAILBOXES/{m}")]
    [InlineData("PUT", "http://alice@{h}/v1/mailboxes/{m}")]
    public async Task A_path_in_another_form_is_refused(string method, string target)
    {
        var mailbox = await site.PrimedAsync();
        target = target.Replace("{m}", mailbox, StringComparison.Ordinal).Replace("{h}", site.Address.Authority, StringComparison.Ordinal);
        await site.RefusesAsync(400, ProblemTypes.InvalidTarget, () => site.SendAsync(method, target, "x"), mailbox);
        await site.WorksAsync(mailbox, "before");
    }

    [Theory]
    [InlineData("/v1/mailboxes/{m};x")]
    [InlineData("/v1/mailboxes/{m};/messages")]
    [InlineData("/v1/mailboxes/{m},")]
    [InlineData("/v1/mailboxes/{m}%20")]
    [InlineData("/v1/mailboxes/+{m}")]
    [InlineData("/v1/mailboxes/{m}#x")]
    public async Task Nothing_beside_the_name_is_passed_over(string target)
    {
        var mailbox = await site.PrimedAsync();
        var response = await site.SendAsync("DELETE", target.Replace("{m}", mailbox, StringComparison.Ordinal));
        response.Status.ShouldBeOneOf(400, 404, 405);
        await site.WorksAsync(mailbox, "before");
    }
}
