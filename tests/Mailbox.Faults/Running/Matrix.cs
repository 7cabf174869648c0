namespace Mailbox.Faults.Running;

/// <summary>All faults, and running them one after the other.</summary>
internal static class Matrix
{
    public static IReadOnlyList<Fault> Faults { get; } =
    [
        .. NodeFaults.All, .. ClientFaults.All, .. RedisFaults.All, .. WakeFaults.All, .. NetworkFaults.All, .. FailoverFaults.All,
    ];

    /// <summary>Runs faults that share a site one after the other on it, and says of each one line of figures.</summary>
    public static async Task<IReadOnlyList<RunResult>> RunAsync(
        IEnumerable<Fault> faults, int seed, bool isShort, string directory, TextWriter output)
    {
        var results = new List<RunResult>();
        foreach (var onOneSite in faults.GroupBy(fault => fault.Site))
        {
            Site? site = null;
            foreach (var fault in onOneSite)
            {
                RunResult result;
                try
                {
                    site ??= await Site.StartAsync(fault.Site);
                    result = await new FaultRun(fault, site, seed, isShort, directory).RunAsync();
                    await site.RepairAsync();
                }
                catch (Exception exception)
                {
                    result = RunResult.BrokeOff(fault, seed, exception);
                }

                results.Add(result);
                await output.WriteLineAsync(Report.LineOf(result));
                if (!result.Passed && site is not null)
                {
                    // What failed here may fail the next one too.
                    await site.DisposeAsync();
                    site = null;
                }
            }

            if (site is not null)
            {
                await site.DisposeAsync();
            }
        }

        return results;
    }
}
