using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>JSON texts, right and nearly right.</summary>
internal static class JsonText
{
    public static string Value(Chance chance, int depth = 0) => chance.Below(depth > 4 ? 6 : 9) switch
    {
        0 => chance.Of("null", "true", "false"),
        1 => chance.Number(),
        2 => Text(chance, chance.Text()),
        3 => Text(chance, chance.Word()),
        4 => chance.Of("\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\x\"", "\"\t\"", "\"\u00ff\"", "\"\u00e2\u0080\u00a8\"", "\"\\u2028\"", "1e99999", "-"),
        5 => chance.OneIn(10) ? Deep(chance) : "\"{m}\"",
        6 => $"[{string.Join(chance.Of(",", ", ", ",\r\n"), Enumerable.Range(0, chance.Below(4)).Select(_ => Value(chance, depth + 1)))}]",
        7 => Object(chance, [.. Enumerable.Range(0, chance.Below(4)).Select(_ => (Member: chance.Word(), Value: Value(chance, depth + 1)))]),
        _ => $"[{string.Join(',', Enumerable.Repeat("\"{m}\"", chance.Size(12_000)))}]",
    };

    /// <summary>An object of these members; now and then one is missing, twice, or another one more.</summary>
    public static string Object(Chance chance, params (string Member, string Value)[] members)
    {
        var list = members.ToList();
        if (list.Count > 0 && chance.OneIn(6))
        {
            list.RemoveAt(chance.Below(list.Count));
        }

        if (list.Count > 0 && chance.OneIn(8))
        {
            list.Add(list[chance.Below(list.Count)]);
        }

        if (chance.OneIn(10))
        {
            list.Add((chance.Word(), Value(chance, 3)));
        }

        return "{" + string.Join(',', list.Select(one => $"\"{one.Member}\":{one.Value}")) + "}";
    }

    private static string Text(Chance chance, string text) => chance.OneIn(4)
        ? $"\"{text}\""
        : "\"" + string.Concat(text.Select(c => c is '"' or '\\' ? "\\" + c : c < ' ' ? $"\\u{(int)c:x4}" : c.ToString())) + "\"";

    private static string Deep(Chance chance)
    {
        var depth = chance.Of(59, 60, 61, 62, 63, 64, 65, 1_000, 4_000);
        return chance.OneIn(2)
            ? new string('[', depth) + new string(']', depth)
            : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
    }
}
