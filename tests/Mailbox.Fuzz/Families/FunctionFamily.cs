using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>Arguments of <c>FCALL mailbox_deliver</c>.</summary>
internal sealed class FunctionFamily : IFamily
{
    public const char Separator = '\u001e';

    public string Name => "function";

    public Input Next(Chance chance)
    {
        List<string> arguments = [chance.Text()];
        for (var left = chance.OneIn(40) ? 4_500 : chance.Below(5); left > 0; left--)
        {
            arguments.Add(chance.OneIn(10) ? chance.Text() : chance.Of("type", "contentType", "ttl", "topic", "idempotencyKey", "nonce", "generation", "digest"));
            arguments.Add(chance.Below(3) switch { 0 => chance.Word(), 1 => chance.Number(), _ => chance.Text() });
        }

        return Input.Of(InputKind.Function, Name, string.Join(Separator, chance.OneIn(10) ? arguments.SkipLast(1) : arguments));
    }
}
