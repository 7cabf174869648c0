namespace Mailbox.Faults.Mutations;

/// <summary>One place of the server's source, and what stands there instead.</summary>
internal sealed record Change(string File, string Find, string Replace);

/// <summary>
/// A deliberate mistake in a copy of the server: what the fault runs must catch. The product knows nothing of it.
/// </summary>
/// <param name="CaughtBy">The faults of which at least one must fail.</param>
internal sealed record Mutation(string Name, string What, string[] CaughtBy, params Change[] Changes)
{
    /// <summary>The changed files of the server's source, by their paths in it.</summary>
    /// <exception cref="InvalidOperationException">The source has changed so that the mutation no longer fits.</exception>
    public IReadOnlyDictionary<string, string> ApplyTo(string server)
    {
        var texts = new Dictionary<string, string>();
        foreach (var change in Changes)
        {
            var text = texts.GetValueOrDefault(change.File) ?? File.ReadAllText(Path.Combine(server, change.File));
            if (text.Split(change.Find).Length != 2)
            {
                throw new InvalidOperationException($"{Name} no longer fits: {change.File} must have this once: {change.Find}");
            }

            texts[change.File] = text.Replace(change.Find, change.Replace, StringComparison.Ordinal);
        }

        return texts;
    }
}
