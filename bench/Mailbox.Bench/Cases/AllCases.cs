namespace Mailbox.Bench.Cases;

internal static class AllCases
{
    public static IReadOnlyList<Case> List { get; } =
    [
        new UnicastCase(),
        new ManyCase(),
        new BareRedisCase(),
        new BacklogCase(),
        new LongMailboxCase(),
        new StormCase(),
        new PayloadCase(),
        new TransportCase(),
        new GrowthCase(),
        new IdleCase(),
    ];
}
