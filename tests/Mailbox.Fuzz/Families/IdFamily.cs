using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>Message ids.</summary>
internal sealed class IdFamily : IFamily
{
    public string Name => "ids";

    public Input Next(Chance chance)
    {
        var id = chance.Below(5) switch
        {
            0 => chance.Mutated("{id}"),
            1 => $"{chance.Hex(16)}-{chance.Number()}",
            2 => chance.Text(),
            3 => "{id}" + chance.Number(),
            _ => "{id}",
        };
        return chance.Below(3) switch
        {
            0 => Requests.Of(Name, "GET", $"/v1/mailboxes/{{m}}/messages/{id}", []),
            1 => Requests.Of(Name, "DELETE", $"/v1/mailboxes/{{m}}/messages/{id}", []),
            _ => Requests.Of(Name, "GET", $"/v1/mailboxes/{{m}}/messages?after={id}&limit={chance.Of("1", "2", "1000")}", []),
        };
    }
}
