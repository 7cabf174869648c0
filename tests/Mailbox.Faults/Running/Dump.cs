using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.Faults.Actors;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Running;

/// <summary>What is kept of every mailbox at the end, as a node tells it.</summary>
internal static class Dump
{
    public static async Task WriteAsync(Site site, IReadOnlyList<string> mailboxes, History history)
    {
        using var http = NodeHttp.Create();
        await Parallel.ForEachAsync(mailboxes, async (mailbox, cancellation) =>
        {
            var messages = new SortedDictionary<long, string>();
            var (generation, path) = ("", MailboxRoutes.ForMessages(mailbox) + "?limit=1000");
            for (var query = path; query is not null;)
            {
                var page = await ReadAsync(http, site, query, cancellation);
                if (page is null)
                {
                    return; // nobody ever delivered to it or opened it, or it is gone
                }

                foreach (var message in page.Value.GetProperty("messages").EnumerateArray())
                {
                    var id = Position.Parse(message.GetProperty("id").GetString()!);
                    generation = id.Generation;
                    messages[id.Sequence] = Payloads.Of(message.GetProperty("data").ToString());
                }

                query = page.Value.TryGetProperty("next", out var next) ? $"{path}&after={next.GetString()}" : null;
            }

            if (messages.Count > 0)
            {
                var first = messages.Keys.First();
                var payloads = new string?[messages.Keys.Last() - first + 1];
                foreach (var (sequence, payload) in messages)
                {
                    payloads[sequence - first] = payload;
                }

                history.Add(new Kept(mailbox, generation, first, payloads, HasReceiver: true));
            }
        });
    }

    /// <returns>Null when there is no such mailbox.</returns>
    private static async Task<JsonElement?> ReadAsync(HttpClient http, Site site, string path, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var response = await http.GetAsync(new Uri(site.AnyNode(), path), cancellation);
                if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
                {
                    return null;
                }

                response.EnsureSuccessStatusCode();
                using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation));
                return body.RootElement.Clone();
            }
            catch (Exception exception) when (attempt < 20 && exception is HttpRequestException or TaskCanceledException)
            {
                await Task.Delay(250, cancellation);
            }
        }
    }
}
