using System.Text;
using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>Elements of the list: envelopes with a header that is nearly right, and bare bodies.</summary>
internal sealed class EntryFamily : IFamily
{
    public string Name => "entries";

    public Input Next(Chance chance)
    {
        if (chance.OneIn(8))
        {
            return Input.Of(InputKind.Entry, Name, chance.Text());
        }

        var nonce = chance.OneIn(6) ? JsonText.Value(chance) : $"\"{chance.Hex(16)}\"";
        List<(string, string)> members = [("nonce", nonce)];
        foreach (var member in new[] { "time", "expires", "type", "contentType", "topic", "removed", "new" })
        {
            if (chance.OneIn(3))
            {
                members.Add((member, chance.Below(4) switch
                {
                    0 => JsonText.Value(chance),
                    1 => chance.Number(),
                    2 => member is "time" or "expires" ? $"17{chance.Below(100_000_000):d8}000" : $"\"{chance.Word()}\"",
                    _ => chance.Of("\"application/json\"", "\"malformed\"", "\"takenBack\"", "4102444800000", "\"text/plain\""),
                }));
            }
        }

        var entry = "\u0001" + JsonText.Object(chance, [.. members]) + "\n" + (chance.OneIn(2) ? JsonText.Value(chance) : chance.Text());
        return new Input(InputKind.Entry, Name, chance.OneIn(3) ? chance.Mutated(Encoding.Latin1.GetBytes(entry)) : Encoding.Latin1.GetBytes(entry));
    }
}
