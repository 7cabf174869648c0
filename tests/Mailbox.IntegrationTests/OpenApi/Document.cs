using System.Text.Json;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.OpenApi;

/// <summary>The document lists every call, and what it lists exists.</summary>
public class Document(Cluster cluster)
{
    private static readonly string[] Calls =
    [
        "GET /v1/mailboxes/{mailbox}",
        "GET /v1/open",
        "POST /v1/opens",
        "POST /v1/mailboxes/{mailbox}/messages",
        "POST /v1/messages",
        "POST /v1/mailboxes/{mailbox}/ack",
        "GET /v1/mailboxes/{mailbox}/messages",
        "GET /v1/mailboxes/{mailbox}/messages/{id}",
        "DELETE /v1/mailboxes/{mailbox}/messages/{id}",
        "PUT /v1/mailboxes/{mailbox}",
        "GET /v1/mailboxes/{mailbox}/info",
        "DELETE /v1/mailboxes/{mailbox}",
        "DELETE /v1/mailboxes/{mailbox}/receiver",
        "GET /v1/mailboxes",
        "GET /v1/nodes",
        "POST /v1/tickets",
        "POST /v1/cookie",
        "DELETE /v1/cookie",
        "POST /v1/revocations",
        "PUT /v1/groups/{group}/members/{mailbox}",
        "DELETE /v1/groups/{group}/members/{mailbox}",
        "GET /v1/groups",
        "GET /v1/groups/{group}",
        "DELETE /v1/groups/{group}",
        "POST /v1/groups/{group}/messages",
        "GET /v1/groups/{group}/deliveries/{delivery}",
        "GET /health/live",
        "GET /health/ready",
        "GET /info",
        "GET /metrics",
    ];

    [Fact]
    public async Task It_lists_every_call_and_no_other()
    {
        var listed = (await ReadAsync()).EnumerateObject().SelectMany(path =>
            path.Value.EnumerateObject().Select(call => $"{call.Name.ToUpperInvariant()} {path.Name}"));

        listed.ShouldBe(Calls, ignoreOrder: true);
    }

    [Fact]
    public async Task Every_call_has_a_summary_its_path_s_parameters_and_answers()
    {
        foreach (var path in (await ReadAsync()).EnumerateObject())
        {
            foreach (var call in path.Value.EnumerateObject().Select(call => call.Value))
            {
                call.GetProperty("summary").GetString().ShouldNotBeNullOrWhiteSpace(path.Name);
                call.GetProperty("operationId").GetString().ShouldNotBeNullOrWhiteSpace(path.Name);
                call.GetProperty("responses").EnumerateObject().ShouldNotBeEmpty(path.Name);
                var inPath = call.TryGetProperty("parameters", out var parameters)
                    ? parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() == "path")
                        .Select(parameter => parameter.GetProperty("name").GetString()!)
                    : [];
                inPath.ShouldBe(NamesIn(path.Name), ignoreOrder: true);
            }
        }
    }

    [Fact]
    public async Task What_the_calls_answer_is_what_the_document_says()
    {
        var paths = await ReadAsync();
        var mailbox = Names.Fresh("openapi");
        foreach (var (method, template, body) in new[]
        {
            ("PUT", "/v1/mailboxes/{mailbox}", "{}"),
            ("PUT", "/v1/mailboxes/{mailbox}", "{}"),
            ("PUT", "/v1/mailboxes/{mailbox}", "[]"),
            ("POST", "/v1/mailboxes/{mailbox}/messages", "hello"),
            ("GET", "/v1/mailboxes/{mailbox}/messages", null),
            ("GET", "/v1/mailboxes/{mailbox}/info", null),
            ("POST", "/v1/mailboxes/{mailbox}/ack", """{"cursor":"junk"}"""),
            ("POST", "/v1/messages", """{"to":["a"]}"""),
            ("DELETE", "/v1/mailboxes/{mailbox}/receiver", null),
            ("DELETE", "/v1/mailboxes/{mailbox}", null),
            ("GET", "/v1/mailboxes/{mailbox}/info", null),
            ("GET", "/v1/mailboxes", null),
            ("GET", "/v1/nodes", null),
            ("POST", "/v1/tickets", """{"mailbox":"openapi"}"""),
            ("POST", "/v1/tickets", "{}"),
            ("POST", "/v1/cookie", null),
            ("DELETE", "/v1/cookie", null),
            ("POST", "/v1/revocations", """{"token":"openapi"}"""),
            ("POST", "/v1/revocations", "{}"),
            ("PUT", "/v1/groups/{group}/members/{mailbox}", null),
            ("PUT", "/v1/groups/{group}/members/{mailbox}", null),
            ("GET", "/v1/groups", null),
            ("GET", "/v1/groups/{group}", null),
            ("POST", "/v1/groups/{group}/messages", "{}"),
            ("GET", "/v1/groups/{group}/deliveries/{delivery}", null),
            ("DELETE", "/v1/groups/{group}/members/{mailbox}", null),
            ("DELETE", "/v1/groups/{group}", null),
            ("GET", "/v1/groups/{group}", null),
            ("GET", "/health/ready", null),
            ("GET", "/info", null),
        })
        {
            var answer = await cluster.A.CallAsync(
                method,
                template.Replace("{mailbox}", mailbox, StringComparison.Ordinal).Replace("{group}", mailbox, StringComparison.Ordinal)
                    .Replace("{delivery}", "0123456789abcdef", StringComparison.Ordinal),
                body is null ? null : System.Text.Encoding.UTF8.GetBytes(body),
                body is null ? [] : [("Content-Type", "application/json")]);

            var said = paths.GetProperty(template).GetProperty(method.ToLowerInvariant()).GetProperty("responses");
            said.TryGetProperty($"{answer.Status}", out var response).ShouldBeTrue($"{method} {template}: {answer.Status}");
            if (answer.Body.Length > 0)
            {
                var type = answer.Header("Content-Type")!.Split(';')[0];
                response.GetProperty("content").TryGetProperty(type, out _).ShouldBeTrue($"{method} {template}: {type}");
            }
        }
    }

    private async Task<JsonElement> ReadAsync()
    {
        var answer = await cluster.A.GetAsync("/openapi/v1.json");
        answer.Status.ShouldBe(200);
        return answer.Json.GetProperty("paths");
    }

    private static IEnumerable<string> NamesIn(string path) =>
        path.Split('/').Where(segment => segment.StartsWith('{')).Select(segment => segment.Trim('{', '}'));
}
