using System.Diagnostics;
using Mailbox.Faults.Histories;
using Mailbox.Faults.Running;

namespace Mailbox.Faults;

/// <summary>
/// For a long time, a random fault every twenty seconds; then nothing is lost, and nothing has grown. In the second half no
/// fault ends a node: only of processes that live on can it be said whether they grow.
/// </summary>
internal static class Soak
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(20);

    /// <summary>Those that need no site of their own and lose nothing.</summary>
    public static bool TakesPart(Fault fault) =>
        fault.Site == new SitePlan() && fault.Permits == LossWindow.None && fault.Load.HasProducers;

    public static Fault Of(IEnumerable<Fault> faults, TimeSpan duration)
    {
        var all = faults.ToList();
        return new Fault("soak", "a random fault every 20 s", scene => RunAsync(scene, all, duration))
        {
            CatchesUpWithin = TimeSpan.FromSeconds(30),
        };
    }

    private static async Task RunAsync(Scene scene, List<Fault> faults, TimeSpan duration)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < duration / 2)
        {
            await StrikeAsync(scene, faults, watch);
        }

        var lasting = faults.Where(fault => !fault.EndsNodes).ToList();
        var memory = scene.Site.Nodes.ToDictionary(node => node.Pid, _ => new MemoryTrend());
        while (watch.Elapsed < duration)
        {
            await StrikeAsync(scene, lasting, watch);
            foreach (var node in scene.Site.Nodes)
            {
                scene.Expect(memory.TryAdd(node.Pid, new MemoryTrend()) is false, $"node {node.Pid} is there in the place of one that ended");
                memory[node.Pid].Add(node.ResidentBytes);
            }
        }

        foreach (var (pid, trend) in memory)
        {
            await Console.Out.WriteLineAsync($"     node {pid}: {trend}");
            scene.Expect(!trend.IsGrowing, $"the memory of node {pid} grows: {trend}");
        }
    }

    private static async Task StrikeAsync(Scene scene, List<Fault> faults, Stopwatch watch)
    {
        var next = watch.Elapsed + Between;
        var fault = faults[scene.Random.Next(faults.Count)];
        var memory = string.Join(", ", scene.Site.Nodes.Select(node => $"{node.ResidentBytes >> 20} MB"));
        await Console.Out.WriteLineAsync($"     {watch.Elapsed:hh\\:mm\\:ss} {fault.Name}, {scene.Load.Accepted} acknowledged, {memory}");
        await fault.StrikeAsync(scene);
        await scene.Site.RepairAsync();
        if (next - watch.Elapsed is var rest && rest > TimeSpan.Zero)
        {
            await Task.Delay(rest);
        }
    }
}
