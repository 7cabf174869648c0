using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>Query parameters, and what an open accepts.</summary>
internal sealed class QueryFamily : IFamily
{
    private static readonly string[] Names =
        ["after", "mode", "ack", "window", "receiver", "format", "wait", "limit", "prefix", "cursor", "AFTER", "m", "access_token", "ticket", "_method"];

    public string Name => "queries";

    public Input Next(Chance chance)
    {
        var parts = Enumerable.Range(0, 1 + chance.Below(4)).Select(_ => $"{chance.Of(Names.AsSpan())}{chance.Of("=", "=", "=", "", "==")}{ValueOf(chance)}");
        var path = chance.Of("/v1/mailboxes/{m}", "/v1/mailboxes/{m}", "/v1/mailboxes/{m}/messages", "/v1/mailboxes");
        var query = string.Join(chance.Of("&", "&", ";", "&&"), parts);
        return Requests.Of(
            Name, "GET", $"{path}?wait=0&{(chance.OneIn(4) ? chance.Mutated(query) : query)}",
            ["Accept: " + (chance.OneIn(4) ? AcceptOf(chance) : chance.Of("text/event-stream", "application/json", "application/x-ndjson"))]);
    }

    private static string ValueOf(Chance chance) => chance.Below(3) switch
    {
        0 => chance.Number(),
        1 => chance.Of("now", "client", "none", "shared", "receiver", "raw", "envelope", "{cursor}", "{id}", "0123456789abcdef"),
        _ => Uri.EscapeDataString(chance.Text()),
    };

    private static string AcceptOf(Chance chance) => string.Join(chance.Of(",", ", ", ";"), Enumerable.Range(0, 1 + chance.Below(4)).Select(_ =>
        chance.Of("text/event-stream", "*/*", "text/*", "text/html", "application/json", "a", "/", ";") +
        (chance.OneIn(2) ? $";q={chance.Number()}" : "")));
}
