using System.Text;
using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Families;

/// <summary>The bytes of a request whose parts may be anything.</summary>
internal static class Requests
{
    /// <summary>Every call on a mailbox, those on a group of its name, and those on none.</summary>
    public static readonly (string Method, string Target, string Accept)[] Calls =
    [
        ("GET", "/v1/mailboxes/{m}", "text/event-stream"), ("GET", "/v1/mailboxes/{m}?format=envelope", "text/event-stream"),
        ("GET", "/v1/mailboxes/{m}", "application/x-ndjson"), ("GET", "/v1/mailboxes/{m}?wait=0", "application/json"),
        ("POST", "/v1/mailboxes/{m}/messages", "*/*"), ("GET", "/v1/mailboxes/{m}/messages", "*/*"),
        ("GET", "/v1/mailboxes/{m}/messages/{id}", "*/*"), ("DELETE", "/v1/mailboxes/{m}/messages/{id}", "*/*"),
        ("POST", "/v1/mailboxes/{m}/ack", "*/*"), ("GET", "/v1/mailboxes/{m}/info", "*/*"), ("PUT", "/v1/mailboxes/{m}", "*/*"),
        ("DELETE", "/v1/mailboxes/{m}/receiver", "*/*"), ("DELETE", "/v1/mailboxes/{m}", "*/*"), ("POST", "/v1/messages", "*/*"),
        ("GET", "/v1/mailboxes", "*/*"), ("GET", "/v1/nodes", "*/*"), ("GET", "/info", "*/*"), ("GET", "/health/ready", "*/*"), ("GET", "/openapi/v1.json", "*/*"),
        ("PUT", "/v1/groups/{m}/members/{m}", "*/*"), ("POST", "/v1/groups/{m}/messages?details=true", "*/*"), ("GET", "/v1/groups/{m}", "*/*"),
        ("GET", "/v1/groups/{m}/deliveries/{id}?details=true", "*/*"), ("DELETE", "/v1/groups/{m}/members/{m}", "*/*"), ("DELETE", "/v1/groups/{m}", "*/*"),
    ];

    public static Input Of(string family, string method, string target, IEnumerable<string> headers, string body = "")
    {
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: {{h}}\r\nConnection: close\r\n");
        foreach (var header in headers)
        {
            head.Append(header).Append("\r\n");
        }

        if (body.Length > 0 || method is "POST" or "PUT")
        {
            head.Append("Content-Length: {length}\r\n");
        }

        return Input.Of(InputKind.Http, family, head.Append("\r\n").Append(body).ToString());
    }

    /// <summary>A body that the call takes.</summary>
    public static string BodyFor(string method, string target) => (method, target) switch
    {
        ("POST", "/v1/messages") => """{"to":["{m}"],"data":{"n":1}}""",
        ("POST", _) when target.EndsWith("/ack", StringComparison.Ordinal) => """{"cursor":"{cursor}"}""",
        ("POST", _) => "hello",
        ("PUT", _) => """{"maxMessages":10}""",
        _ => "",
    };
}
