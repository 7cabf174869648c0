using System.Text;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests;

/// <summary>The calls of the HTTP interface, as a client in any language makes them.</summary>
internal static class NodeCalls
{
    public static Task<MailboxNode> StartNodeAsync(this IRedis redis, params (string Name, string Value)[] settings) =>
        MailboxNode.StartAsync(redis, new MailboxNodeOptions
        {
            Http2 = true,
            StartDeadline = Patience.Start,
            Settings = settings.ToDictionary(setting => setting.Name, setting => setting.Value),
        });

    /// <summary>Until a line of its output holds this: the line is on its way when the node is ready.</summary>
    public static Task SaysAsync(this MailboxNode node, string what) => Eventually.HoldsAsync(
        () => node.Output.Any(line => line.Contains(what, StringComparison.Ordinal)), Patience.Start, $"the node says '{what}'");

    /// <summary>Of a node that was not waited for, as it will not be ready.</summary>
    public static Task WaitUntilLiveAsync(this MailboxNode node) => Eventually.HoldsAsync(
        async () => (await node.GetAsync("/health/live")).Status == 200, Patience.Start, "the node answers");

    public static async Task<Answer> CallAsync(
        this MailboxNode node, string method, string path, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
        }

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await node.Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    public static Task<Answer> GetAsync(this MailboxNode node, string path) => node.CallAsync("GET", path);

    public static Task<Answer> DeleteAsync(this MailboxNode node, string path) => node.CallAsync("DELETE", path);

    public static Task<Answer> DeliverAsync(
        this MailboxNode node, string mailbox, string body, params (string Name, string Value)[] headers) =>
        node.CallAsync("POST", MailboxRoutes.ForMessages(mailbox), Encoding.UTF8.GetBytes(body), headers);

    public static Task<Answer> DeliverManyAsync(this MailboxNode node, string json, string contentType = "application/json") =>
        node.CallAsync("POST", MailboxRoutes.DeliverMany, Encoding.UTF8.GetBytes(json), ("Content-Type", contentType));

    /// <summary>Delivers all in their order, and expects each to be stored.</summary>
    public static async Task DeliverAllAsync(this MailboxNode node, string mailbox, IEnumerable<string> bodies)
    {
        foreach (var body in bodies)
        {
            (await node.DeliverAsync(mailbox, body)).Status.ShouldBeOneOf(201, 202);
        }
    }

    public static Task<Answer> PutAsync(this MailboxNode node, string mailbox, string json) =>
        node.CallAsync("PUT", MailboxRoutes.ForMailbox(mailbox), Encoding.UTF8.GetBytes(json), ("Content-Type", "application/json"));

    public static Task<Answer> AckAsync(this MailboxNode node, string mailbox, string cursor) =>
        node.CallAsync(
            "POST",
            MailboxRoutes.ForAck(mailbox),
            JsonSerializer.SerializeToUtf8Bytes(new AckRequest(cursor), MailboxJsonContext.Default.AckRequest),
            ("Content-Type", "application/json"));

    /// <summary>The id that a node has for as long as it runs.</summary>
    public static async Task<string> IdAsync(this MailboxNode node) => (await node.GetAsync("/info")).Json.GetProperty("node").GetString()!;

    public static async Task<MailboxInfo> InfoOfAsync(this MailboxNode node, string mailbox)
    {
        var answer = await node.GetAsync(MailboxRoutes.ForInfo(mailbox));
        answer.Status.ShouldBe(200, answer.Text);
        return JsonSerializer.Deserialize(answer.Body, MailboxJsonContext.Default.MailboxInfo)!;
    }

    /// <summary>A poll's receiver stays present for a while after its answer.</summary>
    public static Task WaitUntilAbsentAsync(this MailboxNode node, string mailbox) => Eventually.HoldsAsync(
        async () => !(await node.InfoOfAsync(mailbox)).Connected, Patience.Long, "nobody is present");

    public static Task WaitUntilKeptAsync(this MailboxNode node, string mailbox, int messages) => Eventually.HoldsAsync(
        async () => (await node.InfoOfAsync(mailbox)).Messages == messages, Patience.Long, $"{messages} messages are kept");
}
