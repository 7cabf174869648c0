using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>Whole requests with bytes changed anywhere: lines, framing, chunks, one request hidden behind another.</summary>
internal sealed class FramingFamily : IFamily
{
    public string Name => "framing";

    public Input Next(Chance chance)
    {
        var (method, target, accept) = chance.Of(Requests.Calls.AsSpan());
        var body = Requests.BodyFor(method, target);
        var request = chance.OneIn(2)
            ? $"{method} {target} HTTP/1.1\r\nHost: {{h}}\r\nAccept: {accept}\r\nContent-Length: {{length}}\r\n\r\n{body}"
            : $"{method} {target} HTTP/1.1\r\nHost: {{h}}\r\nAccept: {accept}\r\nTransfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n";
        if (chance.OneIn(3))
        {
            request += $"GET /v1/mailboxes/{{m}}/info HTTP/1.1\r\nHost: {{h}}\r\nConnection: close\r\n\r\n";
        }

        return Input.Of(InputKind.Http, Name, chance.OneIn(10) ? chance.Text() : chance.Mutated(request, 4));
    }
}
