using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Mailbox.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mailbox.IntegrationTests.Proxy;

/// <summary>An answer that names no mailbox: the node is a reverse proxy, and nothing else.</summary>
[Collection(ProxySite.Name)]
public sealed class PlainTests(ProxySite site)
{
    [Fact]
    public async Task A_request_and_its_answer_pass_as_they_are()
    {
        string? seen = null;
        var path = site.Backend.On(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            seen = $"{http.Request.Method} {http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget} {http.Request.Headers["X-Own"]} {await reader.ReadToEndAsync()}";
            http.Response.StatusCode = 418;
            http.Response.Headers["X-Answer"] = "grün";
            http.Response.Headers.ETag = "\"7\"";
            await http.Response.WriteAsync("no coffee");
        });

        var answer = await site.Node.CallAsync(
            "PATCH", $"/app/A%20B%2Fc/GR%C3%9CN/{path}?q=%2f&Q=+", Encoding.UTF8.GetBytes("body"), ("X-Own", "1"));

        seen.ShouldBe($"PATCH /app/A%20B%2Fc/GR%C3%9CN/{path}?q=%2f&Q=+ 1 body");
        (answer.Status, answer.Text).ShouldBe((418, "no coffee"));
        (answer.Header("X-Answer"), answer.Header("ETag"), answer.Header("Cache-Control")).ShouldBe(("grün", "\"7\"", null));
    }

    [Fact]
    public async Task A_header_beyond_ASCII_passes_byte_for_byte()
    {
        const string Green = "gr\u00C3\u00BCn"; // the two bytes of UTF-8, as the raw tools write them
        var path = site.Raw.On($"HTTP/1.1 200 OK\r\nX-Answer: {Green}\r\nContent-Length: 0\r\n\r\n");

        var answer = await RawHttp.RequestAsync(site.Node.BaseAddress, "GET", $"/raw/{path}", headers: ("X-Own", Green));

        answer.Header("X-Answer").ShouldBe(Green);
        site.Raw.Heads.ShouldContain(head => head.Contains(path, StringComparison.Ordinal) && head.Contains($"X-Own: {Green}\r\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(415)]
    [InlineData(304)]
    [InlineData(200)]
    public async Task A_status_without_a_body_is_the_backends_own(int status)
    {
        var answer = await site.CallAsync(http =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        (answer.Status, answer.Text, answer.Header("Content-Type")).ShouldBe((status, "", null));
    }

    [Fact]
    public async Task A_redirect_is_the_callers_to_follow()
    {
        var reached = false;
        var target = site.Backend.On(_ =>
        {
            reached = true;
            return Task.CompletedTask;
        });
        var answer = await site.CallAsync(http =>
        {
            http.Response.Redirect($"{site.Backend.Address}/app/{target}");
            return Task.CompletedTask;
        });
        (answer.Status, answer.Header("Location")).ShouldBe((302, $"{site.Backend.Address}/app/{target}"));
        reached.ShouldBeFalse();
    }

    [Fact]
    public async Task What_a_client_says_of_the_way_and_of_mailboxes_does_not_reach_the_backend()
    {
        Dictionary<string, string> seen = [];
        await site.CallAsync(
            http =>
            {
                seen = http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
                return Task.CompletedTask;
            },
            "/app",
            ("Mailbox-Caller", "forged"), ("Mailbox_Caller", "forged"), ("mailbox-anything", "forged"), ("X-Forwarded-For", "6.6.6.6"),
            ("X_Forwarded_For", "6.6.6.6"), ("X-Forwarded-Prefix", "/admin"), ("Forwarded", "for=6.6.6.6"), ("X-Real-IP", "6.6.6.6"),
            ("Connection", "X-Hop"), ("X-Hop", "1"), ("Proxy-Authorization", "Basic eA=="), ("TE", "gzip"), ("Authorization", "Bearer x"));

        seen["X-Forwarded-For"].ShouldBe("127.0.0.1");
        seen["X-Forwarded-Proto"].ShouldBe("http");
        seen["X-Forwarded-Host"].ShouldBe(site.Node.BaseAddress.Authority);
        seen["Host"].ShouldBe(new Uri(site.Backend.Address).Authority);
        seen["Mailbox-Caller"].Split('.').Length.ShouldBe(3);
        string[] gone = ["Mailbox_Caller", "mailbox-anything", "X_Forwarded_For", "X-Forwarded-Prefix", "Forwarded", "X-Real-IP", "X-Hop", "Proxy-Authorization", "TE", "Authorization"];
        seen.Keys.Intersect(gone, StringComparer.OrdinalIgnoreCase).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_backend_says_to_the_node_does_not_reach_the_client()
    {
        var path = site.Raw.On(
            "HTTP/1.1 200 OK\r\nMailbox-Type: x\r\nMailbox-Split: lines\r\nConnection: X-Hop, close\r\nX-Hop: 1\r\nX-Accel-Redirect: /etc\r\n" +
            "X-Accel-Buffering: no\r\nKeep-Alive: timeout=5\r\nX-Own: 1\r\nContent-Length: 2\r\n\r\nok");

        var answer = await site.Node.GetAsync($"/raw/{path}");

        (answer.Status, answer.Text, answer.Header("X-Own"), answer.Header("X-Accel-Buffering")).ShouldBe((200, "ok", "1", "no"));
        string[] gone = ["Mailbox-Type", "Mailbox-Split", "X-Hop", "X-Accel-Redirect", "Keep-Alive"];
        answer.Headers.Keys.Intersect(gone, StringComparer.OrdinalIgnoreCase).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_route_that_says_so_passes_the_callers_own_proof()
    {
        string? seen = null;
        var path = site.Backend.On(http =>
        {
            seen = http.Request.Headers.Authorization;
            return Task.CompletedTask;
        });
        await site.Node.CallAsync("GET", $"/app/credentials/{path}", null, ("Authorization", "Bearer mine"));
        seen.ShouldBe("Bearer mine");
    }

    [Fact]
    public async Task A_body_reaches_the_backend_as_it_comes()
    {
        const int Part = 20_000;
        var parts = new SemaphoreSlim(0);
        var path = site.Backend.On(async http =>
        {
            for (var i = 0; i < 3; i++)
            {
                await http.Request.Body.ReadExactlyAsync(new byte[Part - 4096]); // the last few kilobytes come with what is behind them
                parts.Release();
            }

            await http.Request.Body.CopyToAsync(Stream.Null);
        });
        await using var raw = await RawHttp.ConnectAsync(site.Node.BaseAddress);
        await raw.WriteAsync($"POST /app/{path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (var i = 0; i < 3; i++)
        {
            await raw.WriteAsync($"{Part:x}\r\n{new string('x', Part)}\r\n");
            (await parts.WaitAsync(Patience.Long)).ShouldBeTrue();
        }

        await raw.WriteAsync("0\r\n\r\n");
        (await raw.ReadResponseAsync(Patience.Long)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_answer_reaches_the_caller_as_it_comes()
    {
        var goOn = new SemaphoreSlim(0);
        var path = site.Backend.On(async http =>
        {
            foreach (var part in new[] { "one", "two", "three" })
            {
                await http.Response.WriteAsync(part);
                await goOn.WaitAsync();
            }
        });
        await using var raw = await RawHttp.ConnectAsync(site.Node.BaseAddress);
        await raw.WriteAsync($"GET /app/{path} HTTP/1.1\r\nHost: x\r\n\r\n");
        var got = "";
        foreach (var part in new[] { "one", "two", "three" })
        {
            got = await ReadUntilAsync(raw, got, part);
            goOn.Release();
        }

        await ReadUntilAsync(raw, got, "\r\n0\r\n\r\n");
    }

    [Fact]
    public async Task A_stream_that_says_nothing_yet_has_begun()
    {
        var goOn = new TaskCompletionSource();
        var path = site.Backend.On(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.Body.FlushAsync();
            await goOn.Task;
        });
        using var response = await site.Node.Http.GetAsync($"/app/{path}", HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience.Long);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        goOn.SetResult();
        (await response.Content.ReadAsStringAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_is_asked_for_only_when_the_backend_asks()
    {
        var isRead = site.Backend.On(async http => await http.Request.Body.CopyToAsync(http.Response.Body));
        var isNotRead = site.Raw.On("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        await using var raw = await RawHttp.ConnectAsync(site.Node.BaseAddress);
        await raw.WriteAsync($"POST /app/{isRead} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        await ReadUntilAsync(raw, "", "100 Continue\r\n\r\n");
        await raw.WriteAsync("hi");
        (await raw.ReadResponseAsync(Patience.Long)).Text.ShouldBe("hi");

        await using var refused = await RawHttp.ConnectAsync(site.Node.BaseAddress);
        await refused.WriteAsync($"POST /raw/{isNotRead} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n");
        (await ReadUntilAsync(refused, "", "\r\n\r\n")).ShouldStartWith("HTTP/1.1 401");
    }

    [Fact]
    public async Task Trailers_pass_where_the_client_can_have_them()
    {
        var path = site.Raw.On(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 42\r\nMailbox-Type: x\r\n\r\n");
        using var client = new HttpClient { BaseAddress = site.Node.Http2Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/raw/{path}") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.SendAsync(request);
        (await response.Content.ReadAsStringAsync()).ShouldBe("ok");
        response.TrailingHeaders.ShouldHaveSingleItem().Value.ShouldBe(["42"]);
    }

    [Fact]
    public async Task A_HEAD_has_the_headers_and_no_body()
    {
        var path = site.Backend.On(http =>
        {
            http.Response.ContentLength = 1_234;
            return Task.CompletedTask;
        });
        var answer = await site.Node.CallAsync("HEAD", $"/app/{path}");
        (answer.Status, answer.Header("Content-Length"), answer.Text).ShouldBe((200, "1234", ""));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_WebSocket_passes_both_ways(bool overHttp2)
    {
        var path = site.Backend.On(async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync("chat");
            var buffer = new byte[100];
            var got = await socket.ReceiveAsync(buffer, http.RequestAborted);
            await socket.SendAsync(buffer.AsMemory(0, got.Count), WebSocketMessageType.Text, true, http.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", http.RequestAborted);
        });
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("chat");
        var node = overHttp2 ? site.Node.Http2Address! : site.Node.BaseAddress;
        client.Options.HttpVersion = overHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        using var patience = new CancellationTokenSource(Patience.Long);
        await client.ConnectAsync(new Uri($"ws://{node.Authority}/app/{path}"), invoker, patience.Token);
        client.SubProtocol.ShouldBe("chat");
        await client.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, patience.Token);
        var buffer = new byte[100];
        var echo = await client.ReceiveAsync(buffer, patience.Token);
        Encoding.UTF8.GetString(buffer, 0, echo.Count).ShouldBe("hello");
        (await client.ReceiveAsync(buffer, patience.Token)).CloseStatusDescription.ShouldBe("bye");
    }

    [Fact]
    public async Task A_caller_that_goes_ends_the_backends_request()
    {
        var (begun, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        var path = site.Backend.On(async http =>
        {
            http.RequestAborted.Register(ended.SetResult);
            begun.SetResult();
            await ended.Task;
        });
        await using (var raw = await RawHttp.ConnectAsync(site.Node.BaseAddress))
        {
            await raw.WriteAsync($"GET /app/{path} HTTP/1.1\r\nHost: x\r\n\r\n");
            await begun.Task.WaitAsync(Patience.Long);
        }

        await ended.Task.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_breaks_off_for_the_caller()
    {
        var path = site.Raw.On(async socket =>
        {
            await RawBackend.SendAsync(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
            RawBackend.Reset(socket);
        });
        await Should.ThrowAsync<HttpRequestException>(() => site.Node.GetAsync($"/raw/{path}"));
    }

    private static async Task<string> ReadUntilAsync(RawHttp raw, string got, string until)
    {
        var buffer = new byte[4096];
        while (!got.Contains(until, StringComparison.Ordinal))
        {
            var read = await raw.Stream.ReadAsync(buffer).AsTask().WaitAsync(Patience.Long);
            read.ShouldBeGreaterThan(0, $"'{until}' was expected; this came: {got}");
            got += Encoding.UTF8.GetString(buffer, 0, read);
        }

        return got;
    }
}
