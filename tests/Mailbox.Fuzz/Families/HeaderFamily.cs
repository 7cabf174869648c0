using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>The headers that are read, and those that a server must not believe.</summary>
internal sealed class HeaderFamily : IFamily
{
    private static readonly string[] Names =
    [
        "Mailbox-Type", "TTL", "Topic", "Idempotency-Key", "Content-Type", "Content-Encoding", "Last-Event-ID", "Accept", "Expect", "Upgrade",
        "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Origin", "Cookie", "X-Forwarded-For",
        "X-Forwarded-Host", "Forwarded", "X-HTTP-Method-Override", "Range", "If-None-Match", "Accept-Encoding", "Authorization", "Host",
    ];

    public string Name => "headers";

    public Input Next(Chance chance)
    {
        var (method, target, accept) = chance.OneIn(2) ? Requests.Calls[4] : chance.Of(Requests.Calls.AsSpan());
        var headers = Enumerable.Range(0, 1 + chance.Below(4)).Select(_ => $"{chance.Of(Names.AsSpan())}: {ValueOf(chance)}").ToList();
        if (chance.OneIn(20))
        {
            headers.AddRange(Enumerable.Repeat("X-Filler: " + chance.Text(), chance.Below(130)));
        }

        headers.Add("Accept: " + accept);
        return Requests.Of(Name, method, target, headers, Requests.BodyFor(method, target));
    }

    private static string ValueOf(Chance chance) => chance.Below(4) switch
    {
        0 => chance.Number(),
        1 => chance.Word(),
        2 => chance.Of("websocket", "13", "dGhlIHNhbXBsZSBub25jZQ==", "mailbox.v1", "gzip", "identity", "100-continue", "application/json", "\"k\"", "{cursor}", "bytes=0-", "Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer a.b.c", "Basic YTpi"),
        _ => chance.Text(),
    };
}
