using System.Diagnostics;
using Mailbox.Contracts;
using Mailbox.Faults.Actors;
using Mailbox.TestKit;

namespace Mailbox.Faults.Running;

/// <summary>Deliveries that are no part of the history: does it accept, does it refuse.</summary>
internal static class Probe
{
    /// <summary>How long it took until every node accepted a delivery; without the time for which this machine stood still.</summary>
    public static async Task<TimeSpan> AcceptsAfterAsync(Site site, TimeSpan patience)
    {
        await using var stalls = new Stalls();
        var watch = Stopwatch.StartNew();
        using var http = NodeHttp.Create();
        foreach (var node in site.Nodes)
        {
            while (watch.Elapsed < patience && await StatusOfAsync(http, node.BaseAddress, Names.Fresh("probe"), "probe") is not (201 or 202))
            {
                await Task.Delay(20);
            }
        }

        return watch.Elapsed - stalls.Total;
    }

    /// <summary>Delivers large messages to ever new mailboxes.</summary>
    /// <returns>The first status that is no 2xx, or 0 when none came in so many deliveries.</returns>
    public static async Task<int> DeliverUntilRefusedAsync(Site site, string prefix, int most)
    {
        using var http = NodeHttp.Create();
        var body = new string('x', 16 * 1024);
        for (var i = 0; i < most; i++)
        {
            if (await StatusOfAsync(http, site.AnyNode(), $"{prefix}.{i}", body) is var status and not (201 or 202))
            {
                return status;
            }
        }

        return 0;
    }

    private static async Task<int> StatusOfAsync(HttpClient http, Uri node, string mailbox, string body)
    {
        try
        {
            using var content = new StringContent(body);
            using var response = await http.PostAsync(new Uri(node, MailboxRoutes.ForMessages(mailbox)), content);
            return (int)response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return 0;
        }
    }
}
