using System.Collections.Concurrent;
using System.Text.Json;
using Mailbox.Contracts;
using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>A tab with the test page, whose script opens streams and writes down what they say.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    /// <summary>For everything that is waited for: EventSource comes back after up to six seconds, and may have to twice.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _errors = new();
    private int _streams;

    private BrowserPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _errors.Enqueue($"{message.Text} ({message.Location})");
            }
        };
        page.PageError += (_, error) => _errors.Enqueue(error);
    }

    public IPage Page { get; }

    /// <summary>What the browser wrote to the console as errors, and what the script threw.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>A page whose origin is the relay.</summary>
    public static Task<BrowserPage> OpenAsync(IBrowserContext context, TcpRelay relay) =>
        OpenAsync(context, new Uri(relay.Address, TestPage.Path));

    /// <summary>Any page of a server's own.</summary>
    public static async Task<BrowserPage> OpenAsync(IBrowserContext context, Uri address)
    {
        var page = new BrowserPage(await context.NewPageAsync());
        await page.Page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    /// <summary>The user reloads: its streams end and everything that the script knew is gone.</summary>
    public Task ReloadAsync() => Page.ReloadAsync();

    /// <param name="mailbox">Its name.</param>
    /// <param name="query">Of the open, such as <c>?ack=client</c>.</param>
    /// <param name="types">The named events to listen to, beside the control events.</param>
    public Task<PageStream> EventSourceAsync(string mailbox, string query = "", params string[] types) =>
        OpenStreamAsync("openEventSource", mailbox, query, types);

    public Task<PageStream> WebSocketAsync(string mailbox, string query = "") => OpenStreamAsync("openWebSocket", mailbox, query);

    /// <summary>NDJSON, read by the page with fetch.</summary>
    public Task<PageStream> LinesAsync(string mailbox, string query = "") => OpenStreamAsync("openLines", mailbox, query);

    /// <summary>Acknowledges by fetch and POST; the answer's status.</summary>
    public Task<int> AcknowledgeAsync(string mailbox, string cursor) =>
        Page.EvaluateAsync<int>("([mailbox, cursor]) => acknowledge(mailbox, cursor)", new[] { mailbox, cursor });

    /// <summary>A browser writes a line to the console when a connection breaks; nothing else may be there.</summary>
    public void ShouldHaveOnlyNetworkErrors()
    {
        _errors.ShouldAllBe(error => error.Contains("net::ERR_", StringComparison.Ordinal));
    }

    public void ShouldHaveNoErrors() => _errors.ShouldBeEmpty();

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();

    private async Task<PageStream> OpenStreamAsync(string function, string mailbox, string query, string[]? types = null)
    {
        var name = $"s{_streams++}";
        await Page.EvaluateAsync(
            $"([name, url, types]) => {{ {function}(name, url, types) }}",
            new object[] { name, MailboxRoutes.ForMailbox(mailbox) + query, types ?? [] });
        return new PageStream(this, name);
    }
}

/// <summary>One stream of a page, by what the page's script wrote down.</summary>
internal sealed class PageStream(BrowserPage page, string name)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<PageStreamState> StateAsync() =>
        JsonSerializer.Deserialize<PageStreamState>(await page.Page.EvaluateAsync<string>("name => stateOf(name)", name), Json)!;

    /// <summary>Until so many messages came.</summary>
    public Task<PageStreamState> UntilMessagesAsync(int count) =>
        UntilAsync($"stream.events.filter(e => !e.type.startsWith('mailbox.')).length >= {count}");

    /// <summary>Until there was an event of this type, so many times.</summary>
    public Task<PageStreamState> UntilEventAsync(string type, int times = 1) =>
        UntilAsync($"stream.events.filter(e => e.type === '{type}').length >= {times}");

    public Task<PageStreamState> UntilOpenAsync(int times = 1) => UntilEventAsync("mailbox.open", times);

    /// <summary>Until the EventSource is CLOSED: it will never connect again.</summary>
    public Task<PageStreamState> UntilClosedForGoodAsync() => UntilAsync("stream.source.readyState === EventSource.CLOSED");

    /// <summary>Until a WebSocket or a fetch is over.</summary>
    public Task<PageStreamState> UntilOverAsync() => UntilAsync("stream.isOver");

    /// <param name="condition">In the page's language, about <c>stream</c>.</param>
    public async Task<PageStreamState> UntilAsync(string condition)
    {
        try
        {
            await page.Page.WaitForFunctionAsync(
                $"name => {{ const stream = streams[name]; return {condition} }}",
                name,
                new PageWaitForFunctionOptions { PollingInterval = 20 });
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"Not within {BrowserPage.Deadline}: {condition}. {await StateAsync()}; {string.Join(", ", page.Errors)}", exception);
        }

        return await StateAsync();
    }

    /// <summary>The script ends it: close() or abort().</summary>
    public Task CloseAsync() => page.Page.EvaluateAsync(
        "name => { const s = streams[name]; s.source?.close(); s.socket?.close(); s.abort?.abort() }", name);

    /// <summary>Sends a frame on a WebSocket.</summary>
    public Task SendAsync(string text) =>
        page.Page.EvaluateAsync("([name, text]) => streams[name].socket.send(text)", new[] { name, text });
}

/// <summary>One event as the page's script saw it.</summary>
/// <param name="Type"><c>message</c>, the message's type, or <c>mailbox.*</c>.</param>
/// <param name="Data">Text; or of an envelope, any JSON.</param>
/// <param name="Cursor">An EventSource's lastEventId; an envelope's cursor.</param>
internal sealed record PageEvent(string Type, JsonElement Data, string Cursor)
{
    public string Text => Data.ToString();

    /// <summary>The event's data as a JSON object: of a control event, or of <c>mailbox.binary</c>.</summary>
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;
}

/// <summary>What a stream of a page has seen.</summary>
internal sealed record PageStreamState(
    PageEvent[] Events, int Opens, int Errors, bool IsOver, int? CloseCode, int? Status, int? ReadyState)
{
    public IReadOnlyList<PageEvent> Messages =>
        [.. Events.Where(e => !e.Type.StartsWith(ControlEvents.Prefix, StringComparison.Ordinal))];

    public IReadOnlyList<string> Texts => [.. Messages.Select(message => message.Text)];

    /// <summary>The types of the control events, in order.</summary>
    public IReadOnlyList<string> Controls =>
        [.. Events.Select(e => e.Type).Where(type => type.StartsWith(ControlEvents.Prefix, StringComparison.Ordinal))];

    public PageEvent Last(string type) => Events.Last(e => e.Type == type);

    public override string ToString() =>
        $"opens {Opens}, errors {Errors}, readyState {ReadyState}, close code {CloseCode}, events: " +
        string.Join(", ", Events.Select(e => $"{e.Type} {e.Data}"));
}
