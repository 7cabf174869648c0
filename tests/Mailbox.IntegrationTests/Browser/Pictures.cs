using Mailbox.TestKit;
using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>Pictures of pages, for people: in the folder that MAILBOX_TEST_ARTIFACTS names, else in the checkout's <c>artifacts</c>.</summary>
internal static class Pictures
{
    private static readonly string Folder =
        Environment.GetEnvironmentVariable("MAILBOX_TEST_ARTIFACTS") ?? Path.Combine(RepositoryRoot.Path, "artifacts", "screenshots");

    public static Task TakeAsync(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, name + ".png"), FullPage = true });
}
