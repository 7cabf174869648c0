using System.Text.Json;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser.Library;

/// <summary>A tab whose page uses <c>/mailbox.js</c>, and writes down what its receivers tell.</summary>
internal sealed class LibraryTab(BrowserPage page) : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Runs in the page, and again when it is loaded anew.</summary>
    private const string Script = """
        globalThis.seen = {};
        globalThis.openMailbox = async (key, name, options) => {
          const { open } = await import('/mailbox.js');
          const told = globalThis.seen[key] = { messages: [], states: [], details: [], gaps: [], resets: [], errors: [] };
          for (const call of ['onMessage', 'onState', 'token', 'ticket']) {
            if (options[call]) options[call] = (0, eval)(options[call]);
          }

          const { onMessage: handle, onState: changed } = options;
          told.receiver = open(name, {
            ...options,
            onMessage: async (message) => {
              const data = message.data instanceof Uint8Array ? { bytes: [...message.data] } : message.data;
              told.messages.push({ ...message, data });
              await handle?.(message, told);
            },
            onGap: (gap) => told.gaps.push(gap),
            onReset: (reset) => told.resets.push(reset.reason),
            onState: (state, detail) => {
                told.states.push(state);
                told.details.push({ ...detail, at: performance.now() });
                changed?.(state, told);
              },
            onError: (error) => told.errors.push(String(error.message ?? error)),
          });
        };
        """;

    public BrowserPage Page => page;

    public static async Task<LibraryTab> OpenAsync(BrowserPage page)
    {
        await page.Page.AddInitScriptAsync(Script);
        await page.ReloadAsync();
        return new LibraryTab(page);
    }

    /// <param name="mailbox">Its name, and the receiver's in this tab.</param>
    /// <param name="options">As <c>open</c> takes them; functions as their text.</param>
    public Task OpenMailboxAsync(string mailbox, object? options = null) => page.Page.EvaluateAsync(
        "([name, options]) => openMailbox(name, name, JSON.parse(options))",
        new[] { mailbox, JsonSerializer.Serialize(options ?? new { }, Json) });

    public Task CloseMailboxAsync(string mailbox) => page.Page.EvaluateAsync("name => seen[name].receiver.close()", mailbox);

    public Task<TabState> UntilMessagesAsync(string mailbox, int count) => UntilAsync(mailbox, $"told.messages.length >= {count}");

    public Task<TabState> UntilStateAsync(string mailbox, string state, int times = 1) =>
        UntilAsync(mailbox, $"told.states.filter(s => s === '{state}').length >= {times}");

    /// <param name="mailbox">Its name.</param>
    /// <param name="condition">In the page's language, about <c>told</c>.</param>
    public async Task<TabState> UntilAsync(string mailbox, string condition)
    {
        try
        {
            await page.Page.WaitForFunctionAsync(
                $"name => {{ const told = seen[name]; return told && ({condition}) }}", mailbox, new() { PollingInterval = 20 });
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"Not within {BrowserPage.Deadline}: {condition}. {await TextAsync(mailbox)}", exception);
        }

        return await StateAsync(mailbox);
    }

    public async Task<TabState> StateAsync(string mailbox) => JsonSerializer.Deserialize<TabState>(await TextAsync(mailbox), Json)!;

    public ValueTask DisposeAsync() => page.DisposeAsync();

    private Task<string> TextAsync(string mailbox) => page.Page.EvaluateAsync<string>(
        "name => { const { receiver, ...told } = seen[name] ?? {}; return JSON.stringify({ ...told, state: receiver?.state, cursor: receiver?.cursor }) }", mailbox);
}

/// <summary>What a receiver told its page so far.</summary>
internal sealed record TabState(
    TabMessage[] Messages, string[] States, JsonElement[] Details, JsonElement[] Gaps, string[] Resets, string[] Errors, string? State, string? Cursor)
{
    public IEnumerable<string> Texts => Messages.Select(message => message.Data.ToString());
}

internal sealed record TabMessage(string Mailbox, string Id, string? Type, string? Time, string? ContentType, JsonElement Data);
