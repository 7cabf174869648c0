using System.Diagnostics;
using Mailbox.Faults.Histories;
using Mailbox.Faults.Running;

namespace Mailbox.Faults;

/// <summary>For a long time, a random fault every twenty seconds; then nothing is lost, and nothing has grown.</summary>
internal static class Soak
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(2);

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
        var memory = new Dictionary<int, MemoryTrend>(); // by process: a node that was restarted begins anew
        while (watch.Elapsed < duration)
        {
            var began = watch.Elapsed;
            var fault = faults[scene.Random.Next(faults.Count)];
            await Console.Out.WriteLineAsync($"     {watch.Elapsed:hh\\:mm\\:ss} {fault.Name}, {scene.Load.Accepted} acknowledged, {MemoryOf(scene)}");
            await fault.StrikeAsync(scene);
            await scene.Site.RepairAsync();
            if (Between - (watch.Elapsed - began) is var rest && rest > TimeSpan.Zero)
            {
                await Task.Delay(rest);
            }

            foreach (var node in watch.Elapsed > WarmUp ? scene.Site.Nodes : [])
            {
                memory.TryAdd(node.Pid, new MemoryTrend());
                memory[node.Pid].Add(node.ResidentBytes);
            }
        }

        foreach (var (pid, trend) in memory)
        {
            await Console.Out.WriteLineAsync($"     node {pid}: {trend}");
            scene.Expect(!trend.IsGrowing, $"the memory of node {pid} grows: {trend}");
        }
    }

    private static string MemoryOf(Scene scene) =>
        string.Join(", ", scene.Site.Nodes.Select(node => $"{node.ResidentBytes >> 20} MB"));
}
