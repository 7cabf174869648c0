using System.Text;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>One call on a mailbox, as it goes over the wire.</summary>
internal sealed record AccessRoute(string Method, string Target, string Body = "", string Headers = "")
{
    private const string Json = "Content-Type: application/json\r\n";

    private const string WebSocket =
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    /// <summary>Everything that asks who calls about one mailbox.</summary>
    public static IReadOnlyList<AccessRoute> OfMailbox { get; } =
    [
        new("GET", "/v1/mailboxes/{}", Headers: "Accept: text/event-stream\r\n"),
        new("GET", "/v1/mailboxes/{}", Headers: "Accept: application/x-ndjson\r\n"),
        new("GET", "/v1/mailboxes/{}?wait=0", Headers: "Accept: application/json\r\n"),
        new("GET", "/v1/mailboxes/{}?mode=shared", Headers: "Accept: text/event-stream\r\n"),
        new("GET", "/v1/mailboxes/{}", Headers: WebSocket),
        new("POST", "/v1/mailboxes/{}/messages", "hello"),
        new("POST", "/v1/mailboxes/{}/ack", """{"cursor":"AQAAAAAAAAFVVVVVVVVVVVVVVVVVVVVVAAAAAAAAAAE"}""", Json),
        new("GET", "/v1/mailboxes/{}/messages"),
        new("GET", "/v1/mailboxes/{}/messages/0123456789abcdef-1"),
        new("DELETE", "/v1/mailboxes/{}/messages/0123456789abcdef-1"),
        new("PUT", "/v1/mailboxes/{}", "{}", Json),
        new("GET", "/v1/mailboxes/{}/info"),
        new("DELETE", "/v1/mailboxes/{}/receiver"),
        new("DELETE", "/v1/mailboxes/{}"),
        new("POST", "/v1/tickets", """{"mailbox":"{}"}""", Json),
    ];

    /// <summary>The same, and everything else that asks.</summary>
    public static IReadOnlyList<AccessRoute> All { get; } =
    [
        .. OfMailbox,
        new("GET", "/v1/open?m={}", Headers: "Accept: text/event-stream\r\n"),
        new("POST", "/v1/messages", """{"to":["{}"],"data":"hello"}""", Json),
        new("PUT", "/v1/groups/{}/members/{}"),
        new("POST", "/v1/groups/{}/messages", "hello"),
        new("GET", "/v1/groups/{}/deliveries/0123456789abcdef"),
        new("GET", "/v1/groups/{}"),
        new("DELETE", "/v1/groups/{}/members/{}"),
        new("DELETE", "/v1/groups/{}"),
        new("GET", "/v1/mailboxes"),
        new("GET", "/v1/nodes"),
        new("GET", "/info"),
        new("POST", "/v1/cookie"),
        new("POST", "/v1/revocations", """{"caller":"{}"}""", Json),
        new("HEAD", "/v1/mailboxes/{}"),
        new("OPTIONS", "/v1/mailboxes/{}"),
        new("PATCH", "/v1/mailboxes/{}", "{}", Json),
        new("POST", "/v1/mailboxes/{}"),
        new("HEAD", "/v1/nodes"),
    ];

    /// <summary>Sends it on a connection of its own.</summary>
    /// <param name="node">Where to.</param>
    /// <param name="mailbox">Which mailbox it is about.</param>
    /// <param name="headers">Lines with their ends.</param>
    /// <param name="query">To add to the target.</param>
    public Task<RawResponse> SendAsync(Uri node, string mailbox, string headers, string query = "")
    {
        var body = Body.Replace("{}", mailbox, StringComparison.Ordinal);
        var target = Target.Replace("{}", mailbox, StringComparison.Ordinal);
        var connection = Headers.Contains("Connection:", StringComparison.Ordinal) ? "" : "Connection: close\r\n";
        var length = Method is "POST" or "PUT" or "PATCH" ? $"Content-Length: {body.Length}\r\n" : "";
        return RawHttp.SendAsync(
            node,
            Encoding.Latin1.GetBytes(
                $"{Method} {target}{(query.Length == 0 ? "" : (target.Contains('?', StringComparison.Ordinal) ? "&" : "?") + query)} HTTP/1.1\r\n" +
                $"Host: {node.Authority}\r\n{connection}{length}{Headers}{headers}\r\n{body}"),
            Patience.Long);
    }

    public override string ToString() => $"{Method} {Target} {Headers.Split('\r')[0]}";
}
