namespace Mailbox.IntegrationTests.BadInput;

/// <summary>Theory data is the case's name, which every runner can show and select.</summary>
internal static class RefusalData
{
    public static TheoryData<string> NamesOf(IEnumerable<Refusal> refusals) => [.. refusals.Select(refusal => refusal.Name)];

    public static Refusal Named(this IEnumerable<Refusal> refusals, string name) => refusals.Single(refusal => refusal.Name == name);
}
