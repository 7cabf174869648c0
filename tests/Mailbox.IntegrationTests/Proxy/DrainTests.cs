using Mailbox.TestKit;
using Microsoft.AspNetCore.Http;

namespace Mailbox.IntegrationTests.Proxy;

/// <summary>A node that goes away does not wait for backends, and delivers nothing in half.</summary>
[Collection(ProxySite.Name)]
public sealed class DrainTests(ProxySite site)
{
    [Fact]
    public async Task What_is_under_way_ends_with_the_nodes_own_streams()
    {
        var node = await site.StartNodeAsync(("Mailbox:DrainWindow", "00:00:01"));
        await using var life = node;
        var (whole, split) = (Names.Fresh("whole"), Names.Fresh("split"));
        var begun = new SemaphoreSlim(0);
        RequestDelegate Endless(string? mailbox, bool isSplit) => async http =>
        {
            if (mailbox is not null)
            {
                http.Response.Headers["Mailbox-Deliver"] = mailbox;
            }

            if (isSplit)
            {
                http.Response.Headers["Mailbox-Split"] = "lines";
            }

            await http.Response.WriteAsync("first\n");
            begun.Release();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        var forOne = node.GetAsync($"/app/{site.Backend.On(Endless(whole, isSplit: false))}");
        var forMany = node.GetAsync($"/app/{site.Backend.On(Endless(split, isSplit: true))}");
        var plain = node.GetAsync($"/app/{site.Backend.On(Endless(null, isSplit: false))}");
        for (var i = 0; i < 3; i++)
        {
            (await begun.WaitAsync(Patience.Long)).ShouldBeTrue();
        }

        await Eventually.HoldsAsync(async () => (await site.TextsAsync(split)).Length == 1, Patience.Long, "the first line is delivered");
        node.Terminate();

        (await node.WaitForExitAsync(Patience.Start)).ShouldBe(0);
        (await forOne).Problem.ShouldBe("draining");
        (await forMany).Problem.ShouldBe("draining");
        (await forMany).Text.ShouldContain("1 messages came before");
        await Should.ThrowAsync<HttpRequestException>(() => plain);
        (await site.MessagesAsync(whole)).ShouldBeEmpty();
        (await site.TextsAsync(split)).ShouldBe(["first"]);
    }
}
