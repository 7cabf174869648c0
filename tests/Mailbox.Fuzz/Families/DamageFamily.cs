using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>
/// What a hand does to a mailbox's keys: <c>hash FIELD = VALUE</c>, <c>hash FIELD ~ SEED</c> (what is there, changed),
/// <c>hash FIELD -</c>, the same for <c>index</c>, and <c>list pop|trim|set|junk|drop</c>.
/// </summary>
internal sealed class DamageFamily : IFamily
{
    private static readonly string[] HashFields =
    [
        "generation", "first", "last", "sent", "flushed", "check", "lastCheck", "epoch", "owner", "receiver", "lease", "limits", "deadline", "bytes",
        "tombstones", "soonest", "dropped", "windowed", "acked", "malformed", "former", "era", "untold", "base", "unknown",
    ];

    private static readonly string[] IndexFields = ["mark", "topic:t", "key:k", "key:", "junk"];

    public string Name => "damage";

    public Input Next(Chance chance) =>
        Input.Of(InputKind.Damage, Name, string.Join('\n', Enumerable.Range(0, 1 + chance.Below(3)).Select(_ => Line(chance))));

    private static string Line(Chance chance)
    {
        if (chance.OneIn(6))
        {
            return "list " + chance.Of("pop", "trim", "set", "junk", "drop");
        }

        var (key, field) = chance.OneIn(4) ? ("index", chance.Of(IndexFields.AsSpan())) : ("hash", chance.Of(HashFields.AsSpan()));
        return $"{key} {field} " + chance.Below(4) switch
        {
            0 => "-",
            1 => "~ " + chance.Below(1_000_000),
            2 => "= " + chance.Number(),
            _ => "= " + chance.Text().Replace('\n', ' '),
        };
    }
}
