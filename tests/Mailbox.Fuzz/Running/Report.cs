namespace Mailbox.Fuzz.Running;

/// <summary>What a run tells at its end. The last line is the sum: kept inputs and rounds that passed, and findings.</summary>
internal static class Report
{
    public static async Task<int> WriteAsync(Campaign campaign, TextWriter output)
    {
        foreach (var (family, count) in campaign.Counts.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            await output.WriteLineAsync($"{family,-12} {count,8}");
        }

        await output.WriteLineAsync($"{"all",-12} {campaign.Counts.Values.Sum(),8}, at most {campaign.MostResident >> 20} MiB a node");
        foreach (var finding in campaign.Findings)
        {
            await output.WriteLineAsync($"--- FOUND {finding.File}\n{finding.Input}\n{finding.What}");
        }

        await output.WriteLineAsync($"{campaign.Passed} passed, {campaign.Findings.Count} failed");
        return campaign.Findings.Count == 0 ? 0 : 1;
    }
}
