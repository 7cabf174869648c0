namespace Mailbox.Fuzz.Families;

internal static class AllFamilies
{
    public static IReadOnlyList<IFamily> All { get; } =
    [
        new NameFamily(), new CursorFamily(), new IdFamily(), new JsonFamily(), new QueryFamily(), new HeaderFamily(), new FramingFamily(),
        new EntryFamily(), new DamageFamily(), new FramesFamily(), new FunctionFamily(),
    ];
}
