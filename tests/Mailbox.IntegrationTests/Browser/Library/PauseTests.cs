using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser.Library;

/// <summary>Whose pause it is: a page that is seen or online again cuts its own short, and none that the server asked for.</summary>
[Collection(BrowserNodeTests.Name)]
public class PauseTests(BrowserFixture fixture)
{
    private const string Online = "dispatchEvent(new Event('online'))";

    /// <summary>A headless browser hides no page by itself.</summary>
    private const string HiddenAndSeen = """
        for (const [state, after] of [['hidden', 0], ['visible', 100]]) setTimeout(() => {
          Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        }, after)
        """;

    private readonly string _mailbox = Names.Fresh("library");

    [Theory]
    [InlineData(Online, false)]
    [InlineData(HiddenAndSeen, false)]
    [InlineData(Online, true)]
    [InlineData(HiddenAndSeen, true)]
    public async Task What_the_server_asked_for_is_waited_to_its_end(string happens, bool tabs)
    {
        await using var full = await fixture.Redis.StartNodeAsync(Cluster.Unhurried, ("Mailbox:MaxConnections", "1"));
        await using var relay = new TcpRelay(full.BaseAddress);
        var first = await full.OpenAsync(Way.Ndjson, Names.Fresh("first"));
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));

        // In the page, as soon as it waits: Retry-After of a full node is two to nine seconds.
        await tab.OpenMailboxAsync(_mailbox, new
        {
            tabs,
            pauseWhenHidden = 0,
            onState = $$"""
                (state, told) => {
                  if (state !== 'waiting' || told.happened) return;
                  told.happened = true;
                  setTimeout(() => { {{happens}} }, 50);
                }
                """,
        });
        await tab.UntilStateAsync(_mailbox, "waiting");
        await first.DisposeAsync();
        var told = await tab.UntilStateAsync(_mailbox, "connecting", times: 2);

        var asked = told.Details[Array.IndexOf(told.States, "waiting")].GetProperty("inMs").GetDouble();
        asked.ShouldBeGreaterThanOrEqualTo(2_000);
        (At(Array.LastIndexOf(told.States, "connecting")) - At(0)).ShouldBeGreaterThanOrEqualTo(asked - 1);
        await tab.UntilStateAsync(_mailbox, "open");

        double At(int index) => told.Details[index].GetProperty("at").GetDouble();
    }

    [Fact]
    public async Task The_pages_own_is_cut_short_once_it_is_online()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));
        await tab.OpenMailboxAsync(_mailbox);
        await tab.UntilStateAsync(_mailbox, "open");

        // The first pause after a break is half a second to a whole one: from now on it never ends by itself.
        await tab.Page.Page.EvaluateAsync("""
            () => {
              const real = setTimeout;
              globalThis.setTimeout = (call, time, ...more) => time >= 500 && time <= 1000 ? 0 : real(call, time, ...more);
            }
            """);
        await relay.CutAsync();
        await tab.UntilStateAsync(_mailbox, "waiting");
        await tab.Page.Page.EvaluateAsync($"() => {{ {Online} }}");

        await tab.UntilStateAsync(_mailbox, "open", times: 2);
    }
}
