using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Demos;

/// <summary><c>./dev demos</c>, as a person starts and ends it.</summary>
[Collection(Alone.Name)]
public sealed partial class DevDemosTests
{
    /// <summary>For five programs that start one after the other, and end so.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task It_starts_two_nodes_and_the_pages_and_leaves_nothing_behind_when_it_is_ended()
    {
        var front = FreePorts.TakeRow(4);
        await using var demos = await WatchedProcess.StartAsync(
            Tools.Find("bash", "install bash"),
            [Path.Combine(RepositoryRoot.Path, "dev"), "demos", $"{front}"],
            new Dictionary<string, string?>
            {
                ["DEV_NO_BUILD"] = "1", // the tests were built with it, and what runs is not to be built again
                ["Mailbox__Redis__ConnectionString"] = null,
                ["no_proxy"] = "*",
            });
        await Eventually.HoldsAsync(
            () => demos.HasExited || demos.Output.Any(line => line.StartsWith("The demos: ", StringComparison.Ordinal)), Deadline, "it says where the demos are");
        demos.HasExited.ShouldBeFalse(demos.Describe());

        using var http = new HttpClient { Timeout = Deadline };
        foreach (var address in new[] { $"{front}/demos", $"{front}/demos/kill", $"{front + 1}/health/ready", $"{front + 2}/health/ready" })
        {
            using var answer = await http.GetAsync(new Uri("http://127.0.0.1:" + address));
            ((int)answer.StatusCode).ShouldBe(200, address);
        }

        // The script, two nodes, the engine and the program of the demos.
        var all = DescendantsOf(demos.Pid);
        all.Count.ShouldBeGreaterThanOrEqualTo(5, string.Join('\n', all));
        demos.Terminate();

        (await demos.WaitForExitAsync(Deadline)).ShouldBe(143, demos.Describe());
        await Eventually.HoldsAsync(() => !Running().Intersect(all).Any(), Deadline, "nothing of it runs any more");
    }

    [Fact]
    public async Task A_port_that_is_in_use_is_told_and_nothing_is_started()
    {
        var front = FreePorts.TakeRow(4);
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, front + 3);
        other.Start();
        await using var demos = await WatchedProcess.StartAsync(
            Tools.Find("bash", "install bash"), [Path.Combine(RepositoryRoot.Path, "dev"), "demos", $"{front}"]);

        (await demos.WaitForExitAsync(Deadline)).ShouldBe(1);
        demos.Output.ShouldBe([$"./dev: port {front + 3} is in use"]);
    }

    /// <summary>A process and all that it started, and those again.</summary>
    private static List<RunningProcess> DescendantsOf(int first)
    {
        var running = Running();
        var found = running.Where(process => process.Pid == first).ToList();
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(running.Where(process => process.Parent == found[i].Pid));
        }

        return found;
    }

    /// <summary>What runs; one that has ended and was not asked for its code yet does not.</summary>
    private static IReadOnlyList<RunningProcess> Running()
    {
        var start = new ProcessStartInfo(Tools.Find("ps", "apt-get install procps"), ["-A", "-o", "pid=,ppid=,stat=,args="])
        {
            RedirectStandardOutput = true,
        };
        using var ps = Process.Start(start)!;
        var text = ps.StandardOutput.ReadToEnd();
        ps.WaitForExit();
        return [.. Line().Matches(text).Select(found => new RunningProcess(NumberOf(found, "pid"), NumberOf(found, "parent"), found.Groups["command"].Value))];
    }

    private static int NumberOf(Match found, string group) => int.Parse(found.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^ *(?<pid>[0-9]+) +(?<parent>[0-9]+) +[^Z ][^ ]* +(?<command>.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    /// <summary>The parent of one whose parent has ended is another, so it is none of what makes it the same.</summary>
    private sealed record RunningProcess(int Pid, int Parent, string Command)
    {
        public bool Equals(RunningProcess? other) => other is not null && (Pid, Command) == (other.Pid, other.Command);

        public override int GetHashCode() => HashCode.Combine(Pid, Command);
    }
}
