using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

/// <summary>A newcomer's node: no Redis configured, Development.</summary>
[Collection(Alone.Name)]
public partial class EmbeddedDefault
{
    private static readonly MailboxNodeOptions Newcomer =
        new() { Environment = "Development", Http2 = true, StartDeadline = Patience.Start };

    [Fact]
    public async Task It_works_without_a_redis_and_says_what_to_type_next()
    {
        await using var node = await MailboxNode.StartAsync(Newcomer);

        await using var streams = await OneOfEach.OpenAsync(node);

        await node.SaysAsync("curl -N http://127.0.0.1:");
        await node.SaysAsync("curl -d");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_engine_dies_with_the_server(bool isKilled)
    {
        await using var node = await MailboxNode.StartAsync(Newcomer);
        await Eventually.HoldsAsync(() => node.Output.Any(line => EngineLine().IsMatch(line)), Patience.Long, "it tells its engine");
        var engine = EnginePidOf(node);
        IsRunning(engine).ShouldBeTrue();

        if (isKilled)
        {
            await node.KillAsync();
        }
        else
        {
            node.Terminate();
            (await node.WaitForExitAsync(Patience.Long)).ShouldBe(0, string.Join('\n', node.Output));
        }

        // Two seconds are promised; the rest is the machine's.
        await using var stalls = new Stalls();
        var watch = Stopwatch.StartNew();
        await Eventually.HoldsAsync(() => !IsRunning(engine), Patience.Long, "the engine is gone");
        (watch.Elapsed - stalls.Total).ShouldBeLessThan(TimeSpan.FromSeconds(4));
    }

    private static int EnginePidOf(MailboxNode node) => int.Parse(
        EngineLine().Match(string.Join('\n', node.Output)).Groups[1].Value, CultureInfo.InvariantCulture);

    private static bool IsRunning(int pid)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\(process (\d+)\) answers on port")]
    private static partial Regex EngineLine();
}
