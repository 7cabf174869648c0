using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>The JSON that calls take: deliver to many (one object, or lines), acknowledge, create, ask for a ticket, revoke.</summary>
internal sealed class JsonFamily : IFamily
{
    public string Name => "json";

    public Input Next(Chance chance)
    {
        var call = chance.Below(7);
        var json = call switch
        {
            0 => Many(chance),
            1 => string.Join(chance.Of("\n", "\r\n", "\n\n", "\r"), Enumerable.Range(0, 1 + chance.Below(4)).Select(_ => Many(chance))),
            2 => JsonText.Object(chance, ("cursor", chance.OneIn(2) ? "\"{cursor}\"" : JsonText.Value(chance))),
            3 => Settings(chance),
            4 => JsonText.Object(chance, ("mailbox", chance.OneIn(2) ? "\"{m}\"" : JsonText.Value(chance)), ("mode", JsonText.Value(chance)), ("lifetime", chance.Number())),
            5 => JsonText.Object(chance, ("token", JsonText.Value(chance)), ("caller", JsonText.Value(chance)), ("remember", chance.Number())),
            _ => JsonText.Value(chance),
        };
        if (chance.OneIn(4))
        {
            json = chance.Mutated(json);
        }

        var contentType = "Content-Type: " + (chance.OneIn(12) ? chance.Text() : call == 1 ? "application/x-ndjson" : "application/json");
        return call switch
        {
            0 or 1 => Requests.Of(Name, "POST", "/v1/messages", [contentType], json),
            2 => Requests.Of(Name, "POST", "/v1/mailboxes/{m}/ack", [contentType], json),
            3 => Requests.Of(Name, "PUT", "/v1/mailboxes/{m}", [contentType], json),
            4 => Requests.Of(Name, "POST", "/v1/tickets", [contentType], json),
            5 => Requests.Of(Name, "POST", "/v1/revocations", [contentType], json),
            _ => Requests.Of(Name, "POST", "/v1/mailboxes/{m}/messages", [contentType], json),
        };
    }

    private static string Many(Chance chance)
    {
        var to = chance.OneIn(4) ? JsonText.Value(chance) : chance.Of("""["{m}"]""", """["{m}","{m}"]""", """["{m}","..","~x",""]""", "[]");
        List<(string, string)> members = [("to", to), (chance.OneIn(5) ? "dataBase64" : "data", JsonText.Value(chance))];
        foreach (var member in new[] { "type", "ttl", "topic", "idempotencyKey", "contentType" })
        {
            if (chance.OneIn(4))
            {
                members.Add((member, chance.OneIn(2) ? $"\"{chance.Word()}\"" : chance.OneIn(2) ? $"{chance.Below(100)}" : JsonText.Value(chance)));
            }
        }

        return JsonText.Object(chance, [.. members]);
    }

    private static string Settings(Chance chance) => JsonText.Object(
        chance,
        ("timeToLive", chance.Number()), ("maxMessages", chance.Number()), ("maxBytes", chance.Number()),
        ("overflow", chance.Of("\"reject\"", "\"dropOldest\"", "\"\"", "null", "5")));
}
