using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>The browser that the tests drive: the machine's own, as none may be downloaded.</summary>
internal static class BrowserProgram
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    /// <exception cref="MissingToolException">There is none; the tests fail.</exception>
    public static string Find()
    {
        var told = Environment.GetEnvironmentVariable("MAILBOX_TEST_BROWSER");
        var onPath =
            from directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            from name in Names
            select Path.Combine(directory, name);
        return new[] { told }.Concat(onPath).Append("/usr/bin/chromium").FirstOrDefault(File.Exists) ??
            throw new MissingToolException("chromium", "apt-get install chromium, or set MAILBOX_TEST_BROWSER to a browser's path");
    }
}
