using Mailbox.Faults.Running;

namespace Mailbox.Faults.Mutations;

/// <summary>Proves that the fault runs can fail: every mutation must be caught by one of its faults.</summary>
internal static class MutationRuns
{
    /// <returns>Whether all of them were caught.</returns>
    public static async Task<(int Caught, int Survived)> RunAsync(
        IReadOnlyList<Mutation> mutations, int seed, string directory, TextWriter output)
    {
        var (caught, survived) = (0, 0);
        using var build = MutantBuild.Create();
        foreach (var mutation in mutations)
        {
            var isCaught = await build.WithAsync(mutation, () => IsCaughtAsync(mutation, seed, directory, output));
            (caught, survived) = isCaught ? (caught + 1, survived) : (caught, survived + 1);
        }

        return (caught, survived);
    }

    private static async Task<bool> IsCaughtAsync(Mutation mutation, int seed, string directory, TextWriter output)
    {
        foreach (var name in mutation.CaughtBy)
        {
            // Clients that do no more than they are told: the .NET client comes back from every reset that a broken server
            // gives it, for ever.
            var whole = Matrix.Faults.Single(fault => fault.Name == name);
            var fault = whole with { Load = whole.Load with { SdkClientsOfEachKind = 0 } };
            var result = (await Matrix.RunAsync([fault], seed, isShort: true, directory, TextWriter.Null))[0];

            if (result.WasRun && !result.Check.IsClean)
            {
                var rules = result.Check.Violations.GroupBy(violation => violation.Rule).Select(rule => $"{rule.Key} {rule.Count()}");
                await output.WriteLineAsync($"caught   {mutation.Name,-24} by {fault.Name}: {string.Join(", ", rules)}");
                return true;
            }
        }

        // Or the runs broke off, by which nothing is caught.
        await output.WriteLineAsync($"SURVIVED {mutation.Name,-24} {mutation.What}; it passed {string.Join(", ", mutation.CaughtBy)}");
        return false;
    }
}
