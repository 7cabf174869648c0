namespace Mailbox.ClientTests;

/// <summary>Tests whose limits are seconds, and those that take the whole machine: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
