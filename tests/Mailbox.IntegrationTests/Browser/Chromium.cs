using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>A browser without a window, that asks nobody anything by itself.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Arguments =
    [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <param name="cachesPages">
    /// A page that is left is kept as it stands, and comes back so, as in the browser that people use: what drives it forbids that
    /// unless it is asked not to.
    /// </param>
    public static async Task<Chromium> StartAsync(bool cachesPages = false)
    {
        var program = BrowserProgram.Find();
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Headless = true,
            ChromiumSandbox = !(OperatingSystem.IsLinux() && Environment.UserName == "root"),
            Args = Arguments,
            IgnoreDefaultArgs = cachesPages ? ["--disable-back-forward-cache"] : null,
            Timeout = 120_000,
        });
        Assertions.SetDefaultExpectTimeout((float)BrowserPage.Deadline.TotalMilliseconds);
        return new Chromium(playwright, browser);
    }

    /// <summary>Cookies, storage and tabs of one's own.</summary>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions? options = null)
    {
        var context = await _browser.NewContextAsync(options);
        context.SetDefaultTimeout((float)BrowserPage.Deadline.TotalMilliseconds);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
