using System.Buffers.Text;
using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>Cursors: changed valid ones, forged ones, another mailbox's, wherever a cursor goes in.</summary>
internal sealed class CursorFamily : IFamily
{
    public string Name => "cursors";

    public Input Next(Chance chance)
    {
        var cursor = CursorOf(chance);
        var accept = "Accept: " + chance.Of("text/event-stream", "application/x-ndjson", "application/json");
        var query = chance.Of("", "&ack=client", "&mode=shared", "&receiver=0123456789abcdef", "&window=1");
        return chance.Below(4) switch
        {
            0 => Requests.Of(Name, "GET", $"/v1/mailboxes/{{m}}?wait=0&after={cursor}{query}", [accept]),
            1 => Requests.Of(Name, "GET", "/v1/mailboxes/{m}?wait=0" + query, [accept, "Last-Event-ID: " + cursor]),
            2 => Requests.Of(Name, "POST", "/v1/mailboxes/{m}/ack", [], $$"""{"cursor":"{{cursor}}"}"""),
            _ => Requests.Of(Name, "GET", $"/v1/mailboxes?prefix=fuzz&cursor={(chance.OneIn(2) ? chance.Number() : chance.Text())}", []),
        };
    }

    private static string CursorOf(Chance chance) => chance.Below(6) switch
    {
        0 => "{foreign}",
        1 => chance.Mutated("{cursor}"),
        2 => Base64Url.EncodeToString(chance.Bytes(chance.OneIn(2) ? 32 : chance.Below(64))),
        3 => Base64Url.EncodeToString([(byte)chance.Below(4), .. chance.Bytes(31)]),
        4 => chance.Text(),
        _ => "{cursor" + string.Concat(Enumerable.Range(0, 1 + chance.Below(3)).Select(_ =>
            $":{chance.Below(32)}:{(chance.OneIn(3) ? "00" : chance.OneIn(3) ? "ff" : chance.Hex(2))}")) + "}",
    };
}
