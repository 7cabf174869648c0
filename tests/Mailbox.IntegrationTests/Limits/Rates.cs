using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Limits;

/// <summary>How fast a caller may open and deliver.</summary>
public class Rates(Cluster cluster)
{
    [Fact]
    public async Task Who_delivers_too_fast_is_refused_and_told_when_to_come_back()
    {
        await using var node = await NodeAsync();
        var mailbox = Names.Fresh("rate");
        var watch = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => node.DeliverAsync(mailbox, $"m{i}")));

        var taken = answers.Count(answer => answer.Status == 202);
        taken.ShouldBeInRange(10, 11 + (int)watch.Elapsed.TotalSeconds);
        (await cluster.RedisAsync("LLEN", Keys.ListOf(mailbox))).ShouldBe((long)taken);
        var refused = answers.Where(answer => answer.Status != 202).ToList();
        refused.ShouldNotBeEmpty();
        foreach (var answer in refused)
        {
            answer.Status.ShouldBe(429);
            answer.Problem.ShouldBe("too-many-requests");
            int.Parse(answer.Header("Retry-After")!, CultureInfo.InvariantCulture).ShouldBeInRange(1, 60);
        }

        await Eventually.HoldsAsync(
            async () => (await node.DeliverAsync(mailbox, "again")).Status == 202, Patience.Long, "it may again");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    public async Task A_delivery_to_many_counts_each_and_is_refused_as_a_whole(string contentType)
    {
        await using var node = await NodeAsync();
        var prefix = Names.Fresh("rate-many");
        var calls = Enumerable.Range(0, 20).Select(i => Enumerable.Range(0, 10).Select(j => $"{prefix}-{i}-{j}").ToArray()).ToList();
        var watch = Stopwatch.StartNew();
        var answers = await Task.WhenAll(calls.Select(to => node.DeliverManyAsync(JsonSerializer.Serialize(new { to, data = "x" }), contentType)));

        var most = 1 + ((int)watch.Elapsed.TotalSeconds / 10);
        answers.Count(answer => answer.Status == 200).ShouldBeInRange(0, most);
        answers.Where(answer => answer.Status != 200).ShouldAllBe(answer => answer.Status == 429 && answer.Problem == "too-many-requests");
        foreach (var (to, answer) in calls.Zip(answers))
        {
            object[] exists = ["EXISTS", .. to.Select(Keys.HashOf)];
            (await cluster.RedisAsync(exists)).ShouldBe(answer.Status == 200 ? 10L : 0L);
        }
    }

    [Fact]
    public async Task Who_opens_too_fast_is_refused_in_the_form_that_its_client_survives()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:Limits:OpensPerSecond", "1"), ("Mailbox:Limits:OpenBurst", "1"));
        foreach (var way in Ways.All)
        {
            // Where the machine is slow, there may be room again in the meantime.
            await Eventually.HoldsAsync(
                async () =>
                {
                    await node.CallAsync("GET", $"/v1/mailboxes/{Names.Fresh("rate-first")}?wait=0", null, ("Accept", "application/json"));
                    await Refusals.AssertUnavailableAsync(node, way, "too-many-requests", 429);
                    return true;
                },
                Patience.Long,
                $"an open by {way} is refused");
        }

        await Eventually.HoldsAsync(
            async () =>
            {
                await using var stream = await node.OpenAsync(Way.Ndjson, Names.Fresh("rate-later"));
                return (await stream.NextAsync(Patience.Long)).IsControl(ControlEvents.Open);
            },
            Patience.Long,
            "it may again");
    }

    [Fact]
    public async Task A_burst_that_could_never_be_taken_is_no_setting()
    {
        await using var node = await MailboxNode.StartAsync(cluster.Redis, new MailboxNodeOptions
        {
            WaitsUntilReady = false,
            Settings = new Dictionary<string, string> { ["Mailbox:Limits:DeliveryBurst"] = "100" },
        });
        (await node.WaitForExitAsync(Patience.Start)).ShouldBe(1);
        await node.SaysAsync("Mailbox:Limits:DeliveryBurst is less than Mailbox:Limits:RecipientsPerCall");
    }

    private Task<MailboxNode> NodeAsync() => cluster.StartNodeAsync(
        ("Mailbox:Limits:DeliveriesPerSecond", "1"), ("Mailbox:Limits:DeliveryBurst", "10"), ("Mailbox:Limits:RecipientsPerCall", "10"));
}
