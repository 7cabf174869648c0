using System.Reflection;
using System.Text.Json;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Cli;

/// <summary>The <c>mailbox</c> tool as a process, its output in a pipe unless the test gives it a terminal.</summary>
internal sealed class Tool : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly WatchedProcess _process;

    private Tool(WatchedProcess process) => _process = process;

    public static string Assembly { get; } = Path.Combine(
        RepositoryRoot.Path,
        "src",
        "MailboxCli",
        "bin",
        typeof(Tool).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        "net10.0",
        "mailbox.dll");

    /// <summary>What programs are given: the lines of JSON.</summary>
    public IReadOnlyList<JsonElement> Json =>
        [.. _process.Output.Where(line => line.StartsWith('{') || line.StartsWith('"')).Select(line => JsonDocument.Parse(line).RootElement)];

    public IReadOnlyList<string> Texts => [.. Json.Select(message => message.GetProperty("data").ToString())];

    public string Output => string.Join('\n', _process.Output);

    /// <param name="server">For MAILBOX_SERVER; null leaves it unset.</param>
    /// <param name="arguments">Of the tool.</param>
    public static Task<Tool> StartAsync(Uri? server, params string[] arguments) =>
        ShellAsync(server, "exec \"$@\"", arguments);

    /// <param name="server">For MAILBOX_SERVER.</param>
    /// <param name="script">Where <c>"$@"</c> is the tool with its arguments.</param>
    /// <param name="arguments">Of the tool.</param>
    public static async Task<Tool> ShellAsync(Uri? server, string script, params string[] arguments) => new(
        await WatchedProcess.StartAsync(
            "/bin/sh",
            ["-c", script, "sh", Tools.Dotnet, Assembly, .. arguments],
            new Dictionary<string, string?>
            {
                ["MAILBOX_SERVER"] = server?.GetLeftPart(UriPartial.Authority),
                ["NO_COLOR"] = null,
                ["TERM"] = "xterm",
                ["no_proxy"] = "*", // everything is on this machine
            },
            signalsGroup: true));

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, Tool Tool)> RunAsync(Uri? server, params string[] arguments)
    {
        await using var tool = await StartAsync(server, arguments);
        return (await tool.WaitForExitAsync(), tool);
    }

    public Task<int> WaitForExitAsync() => _process.WaitForExitAsync(Patience);

    public void Terminate() => _process.Terminate();

    public Task UntilAsync(Func<Tool, bool> condition, string what) =>
        Eventually.HoldsAsync(() => condition(this), Patience, $"{what} ({Output})");

    public Task UntilTextsAsync(params string[] texts) =>
        UntilAsync(tool => tool.Texts.SequenceEqual(texts), $"it has printed {string.Join(", ", texts)}");

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
