using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>Names and paths, encoded in any way.</summary>
internal sealed class NameFamily : IFamily
{
    public string Name => "names";

    public Input Next(Chance chance)
    {
        var (method, target, accept) = chance.Of(Requests.Calls.AsSpan());
        var name = chance.Below(5) switch
        {
            0 => chance.Mutated("{m}"),
            1 => chance.Text(),
            2 => "{m}" + chance.Text(),
            3 => new string('n', 100 + chance.Below(60)),
            _ => string.Concat(chance.Word().Select(c => chance.OneIn(2) ? $"%{(int)c:x2}" : c.ToString())),
        };
        var path = chance.OneIn(4) ? chance.Mutated(target) : target.Replace("{m}", name, StringComparison.Ordinal);
        return Requests.Of(Name, method, path, [$"Accept: {accept}", "Content-Type: application/json"], Requests.BodyFor(method, target));
    }
}
