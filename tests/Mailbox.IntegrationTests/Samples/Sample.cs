using System.Text.Json;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Samples;

/// <summary>A sample that runs as a user would run it.</summary>
internal sealed class Sample : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WatchedProcess _process;
    private readonly string? _input;

    private Sample(WatchedProcess process, string? input)
    {
        _process = process;
        _input = input;
    }

    /// <summary>What a receiver printed: one message a line.</summary>
    public IReadOnlyList<JsonElement> Messages =>
        [.. _process.Output.Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>The messages' bodies.</summary>
    public IReadOnlyList<string> Texts => [.. Messages.Select(message => message.GetProperty("data").ToString())];

    /// <summary>What it said beside messages, in order.</summary>
    public IReadOnlyList<string> Told => [.. _process.Output.Where(line => !line.StartsWith('{'))];

    /// <param name="command">The file below samples/, and options: <c>python/deliver_redis.py --bare</c>.</param>
    /// <param name="node">The server.</param>
    /// <param name="redis">Its Redis.</param>
    /// <param name="arguments">The rest of the command line.</param>
    /// <param name="lines">Its standard input.</param>
    /// <param name="settings">What else stands in its environment.</param>
    public static async Task<Sample> StartAsync(
        string command, Uri node, RedisServer? redis, IEnumerable<string> arguments, IEnumerable<string>? lines = null,
        params (string Name, string Value)[] settings)
    {
        var words = command.Split(' ');
        var (program, first) = await SampleTools.CommandOfAsync(words[0]);
        var input = lines is null ? null : Path.GetTempFileName();
        if (input is not null)
        {
            await File.WriteAllTextAsync(input, string.Concat(lines!.Select(line => line + "\n")));
        }

        var environment = new Dictionary<string, string?>
        {
            ["MAILBOX_SERVER"] = node.GetLeftPart(UriPartial.Authority),
            ["REDIS_URL"] = redis is null ? null : $"redis://{redis.EndPoint}",
            ["no_proxy"] = "*", // everything is on this machine
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        var process = await WatchedProcess.StartAsync(
            "/bin/sh",
            ["-c", "exec \"$@\" <\"$0\"", input ?? "/dev/null", program, .. first, .. words[1..], .. arguments],
            environment);
        return new Sample(process, input);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output)> RunAsync(
        string command, Uri node, RedisServer redis, IEnumerable<string> arguments, IEnumerable<string> lines)
    {
        await using var sample = await StartAsync(command, node, redis, arguments, lines);
        var code = await sample.WaitForExitAsync();
        return (code, sample._process.Describe());
    }

    public Task<int> WaitForExitAsync() => _process.WaitForExitAsync(Patience);

    public Task UntilAsync(Func<Sample, bool> condition, string what) => EventuallyAsync(() => condition(this), what);

    /// <summary>Until it said something that begins so.</summary>
    public Task UntilToldAsync(string beginning, int times = 1) => EventuallyAsync(
        () => Told.Count(line => line.StartsWith(beginning, StringComparison.Ordinal)) >= times, $"it says '{beginning}'");

    public Task UntilTextsAsync(params string[] texts) =>
        EventuallyAsync(() => Texts.SequenceEqual(texts), $"it has printed {string.Join(", ", texts)}");

    public void Interrupt() => _process.Terminate();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        if (_input is not null)
        {
            File.Delete(_input);
        }
    }

    private async Task EventuallyAsync(Func<bool> condition, string what)
    {
        try
        {
            await Eventually.HoldsAsync(condition, Patience, what);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} {_process.Describe(40)}", exception);
        }
    }
}
