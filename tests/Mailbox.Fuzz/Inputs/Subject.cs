using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.Fuzz.Inputs;

/// <summary>A mailbox that inputs are thrown at, with a cursor and an id that name something in it.</summary>
internal sealed record Subject(string Name, string Cursor, string Foreign, string Id)
{
    /// <summary>Two messages, of which a receiver has been sent both.</summary>
    public static async Task<Subject> CreateAsync(MailboxNode node)
    {
        var (cursor, id, name) = await PrimeAsync(node, "fuzz");
        var (foreign, _, _) = await PrimeAsync(node, "foreign");
        return new Subject(name, cursor, foreign, id);
    }

    private static async Task<(string Cursor, string Id, string Name)> PrimeAsync(MailboxNode node, string hint)
    {
        var name = Names.Fresh(hint);
        var id = "";
        foreach (var body in new[] { "one", "two" })
        {
            using var content = new StringContent(body);
            using var response = await node.Http.PostAsync(new Uri(MailboxRoutes.ForMessages(name), UriKind.Relative), content);
            response.EnsureSuccessStatusCode();
            id = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(), MailboxJsonContext.Default.DeliveryResult)!.Id!;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, MailboxRoutes.ForMailbox(name) + "?wait=0");
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await node.Http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return (json.RootElement.GetProperty("cursor").GetString()!, id, name);
    }
}
