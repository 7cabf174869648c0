using System.Collections.Concurrent;
using Mailbox.IntegrationTests.Browser;
using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Demos;

/// <summary>A demo's page, as a person sees and uses it.</summary>
internal sealed class DemoPage : IAsyncDisposable
{
    /// <summary>For everything that is waited for: a page that was cut off several times in a row tries again after up to 30 s.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly BrowserPage _page;
    private readonly ConcurrentQueue<string> _elsewhere = new();

    private DemoPage(BrowserPage page, Uri origin)
    {
        _page = page;
        page.Page.Request += (_, request) =>
        {
            if (!origin.IsBaseOf(new Uri(request.Url)))
            {
                _elsewhere.Enqueue(request.Url);
            }
        };
    }

    public IPage Page => _page.Page;

    public static async Task<DemoPage> OpenAsync(IBrowserContext context, Uri origin, string path)
    {
        var page = new DemoPage(await BrowserPage.OpenAsync(context, new Uri("about:blank")), origin);
        await page.Page.GotoAsync(new Uri(origin, path).AbsoluteUri);
        return page;
    }

    public Task<string> TextAsync(string id) => Page.Locator($"#{id}").InnerTextAsync();

    public async Task<long> NumberAsync(string id) =>
        long.Parse(await TextAsync(id), System.Globalization.CultureInfo.InvariantCulture);

    public Task<string[]> TextsAsync(string selector) => Page.EvaluateAsync<string[]>(
        "selector => [...document.querySelectorAll(selector)].map(element => element.textContent)", selector);

    public Task UntilTextAsync(string id, string text) => UntilAsync($"document.getElementById('{id}').textContent.includes('{text}')");

    public Task UntilNumberAsync(string id, long atLeast) => UntilAsync($"Number(document.getElementById('{id}').textContent) >= {atLeast}");

    /// <param name="condition">In the page's language.</param>
    public async Task UntilAsync(string condition)
    {
        try
        {
            await Page.WaitForFunctionAsync($"() => {condition}", null, new() { PollingInterval = 50, Timeout = (float)Deadline.TotalMilliseconds });
        }
        catch (TimeoutException exception)
        {
            var text = await Page.InnerTextAsync("body");
            throw new TimeoutException($"Not within {Deadline}: {condition}. The page: {text}\n{string.Join('\n', _page.Errors)}", exception);
        }
    }

    public Task ShootAsync(string name) => Pictures.TakeAsync(Page, $"demos-{name}");

    /// <summary>
    /// Nothing was asked of another server, and the browser's console has no error; when something was broken, none but connections
    /// that end and the 503 of a node without its Redis.
    /// </summary>
    public void ShouldBeClean(bool isBroken = false)
    {
        _elsewhere.ShouldBeEmpty();
        if (isBroken)
        {
            _page.Errors.ShouldAllBe(error =>
                error.Contains("net::ERR_", StringComparison.Ordinal) || error.Contains("status of 503", StringComparison.Ordinal));
        }
        else
        {
            _page.ShouldHaveNoErrors();
        }
    }

    public ValueTask DisposeAsync() => _page.DisposeAsync();
}
