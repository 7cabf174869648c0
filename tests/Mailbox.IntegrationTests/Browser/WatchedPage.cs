using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>A page of the server's own as a person has it before them: what it complained of, and whom it asked, is written down.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<string> _requests = new();

    private WatchedPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _errors.Enqueue($"{message.Text} ({message.Location})");
            }
        };
        page.PageError += (_, error) => _errors.Enqueue(error);
        page.Request += (_, request) => _requests.Enqueue(request.Url);
    }

    public IPage Page { get; }

    /// <summary>A tab in a context of its own, which goes with it.</summary>
    public static async Task<WatchedPage> OpenAsync(Chromium browser, Uri address, BrowserNewContextOptions? options = null)
    {
        var context = await browser.NewContextAsync(options);
        var page = new WatchedPage(await context.NewPageAsync());
        await page.Page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    /// <param name="allowed">What an error may be about: a browser writes a line for every refusal and every broken connection.</param>
    public void ShouldBeClean(params string[] allowed)
    {
        _errors.Where(error => !allowed.Any(part => error.Contains(part, StringComparison.Ordinal))).ShouldBeEmpty();
        var origin = new Uri(Page.Url).GetLeftPart(UriPartial.Authority);
        _requests.Where(url => !url.StartsWith(origin + "/", StringComparison.Ordinal) && !url.StartsWith("blob:", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
