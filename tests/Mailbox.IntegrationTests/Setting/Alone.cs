namespace Mailbox.IntegrationTests;

/// <summary>Tests of how long something takes at most: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
