using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>G11: all bad requests once more, one after the other on one node: never a 500, never an error in its log.</summary>
[Collection(BadInputSite.Name)]
public sealed class SweepTests(BadInputSite site)
{
    [Fact]
    public async Task Never_a_500_and_the_node_has_nothing_to_complain_of()
    {
        var mailbox = await site.PrimedAsync();
        var requests = new[]
        {
            NameTests.Refusals, TargetTests.Refusals, BodyRefusals.All, HeaderTests.Refusals, OpenTests.Refusals, MessageIdTests.Refusals,
            ListTests.Refusals,
        }.SelectMany(refusals => refusals).Select(refusal => refusal.BytesFor(site, mailbox, "unused"))
            .Concat(TargetTests.UnreadableRequests(site, mailbox)).ToList();
        requests.Count.ShouldBeGreaterThan(500);

        var before = await site.SnapshotAsync(mailbox);
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (request, _) =>
        {
            var response = await RawHttp.SendAsync(site.Address, request);
            response.Status.ShouldBeInRange(400, 499, System.Text.Encoding.Latin1.GetString(request));
        });

        (await site.SnapshotAsync(mailbox)).ShouldBe(before);
        await site.WorksAsync(mailbox, "before");
        var output = site.Node.Output;
        var complaint = output.Select((line, i) => (line, i)).FirstOrDefault(it => it.line.StartsWith("fail:", StringComparison.Ordinal) ||
            it.line.StartsWith("crit:", StringComparison.Ordinal) || it.line.Contains("Unhandled exception", StringComparison.Ordinal));
        complaint.line.ShouldBeNull(string.Join('\n', output.Skip(complaint.i).Take(30)));
    }
}
