using System.Globalization;
using System.Text;
using Mailbox.IntegrationTests.Samples;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Proxy;

/// <summary>The backend of samples/python/backend.py, which is as simple as one can be.</summary>
[Collection(ProxySite.Name)]
public sealed class SampleTests(ProxySite site)
{
    [Fact]
    public async Task A_backend_holds_no_connection_while_its_answers_find_those_who_are_there_and_those_who_come_back()
    {
        var port = FreePorts.Take();
        await using var sample = await Sample.StartAsync(
            "python/backend.py", site.Node.BaseAddress, null, [$"{port}"], null, ("CALLER_KEY", Convert.ToBase64String(ProxySite.CallerKey)));
        await sample.UntilToldAsync("listening");
        await using var node = await site.Redis.StartNodeAsync(
        [
            ("Mailbox:Proxy:CallerKey", Convert.ToBase64String(ProxySite.CallerKey)),
            .. ProxySite.Route(0, "/chat", $"http://127.0.0.1:{port}"),
        ]);
        var names = Enumerable.Range(0, 20).Select(_ => Names.Fresh("reader")).ToArray();
        var streams = await Task.WhenAll(names.Select(name => node.OpenAsync(Way.Sse, name)));
        var away = Names.Fresh("away");

        var said = await node.CallAsync("POST", "/chat/say", Encoding.UTF8.GetBytes(
            $$"""{"to":["{{string.Join("\",\"", names)}}","{{away}}"],"text":"hi"}"""));
        var counting = node.GetAsync($"/chat/count?to={away}");
        await Eventually.HoldsAsync(() => ConnectionsOf(port) == 1, Patience.Long, "it is connected while it answers");
        var counted = await counting;
        var hello = await node.GetAsync("/chat/hello");

        using (var direct = new HttpClient())
        {
            // It believes nobody but the server.
            (await direct.GetAsync($"http://127.0.0.1:{port}/chat/hello")).StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);
        }

        said.Status.ShouldBe(202, said.Text);
        said.Json.GetProperty("results").GetArrayLength().ShouldBe(21);
        (counted.Status, counted.Json.GetProperty("delivered").GetInt64()).ShouldBe((202, 3));
        (hello.Status, hello.Text).ShouldBe((200, "hello\n"));
        foreach (var stream in streams)
        {
            var message = await stream.MessageAsync();
            (message.Type, message.Text).ShouldBe(("chat", """{"from": null, "text": "hi"}"""));
        }

        await Eventually.HoldsAsync(() => ConnectionsOf(port) == 0, Patience.Long, "the backend holds no connection");
        await using var back = await node.OpenAsync(Way.Ndjson, away);
        (await back.TextsAsync(4)).ShouldBe(["""{"from": null, "text": "hi"}""", """{"number": 0}""", """{"number": 1}""", """{"number": 2}"""]);
        streams.Length.ShouldBe(20);
        ConnectionsOf(port).ShouldBe(0);
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    /// <summary>Established TCP connections at this port, on its side: what <c>ss -tn sport = :port</c> lists. Linux.</summary>
    private static int ConnectionsOf(int port)
    {
        const string Established = "01";
        return File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields[3] == Established && int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) == port);
    }
}
