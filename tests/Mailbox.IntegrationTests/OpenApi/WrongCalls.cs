using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.OpenApi;

/// <summary>What no call is there for.</summary>
public class WrongCalls(Cluster cluster)
{
    private const string Mailbox = "/v1/mailboxes/wrong-calls";

    [Theory]
    [InlineData("POST", Mailbox)]
    [InlineData("PATCH", Mailbox)]
    [InlineData("HEAD", Mailbox)]
    [InlineData("OPTIONS", Mailbox)]
    [InlineData("PUT", Mailbox + "/messages")]
    [InlineData("DELETE", Mailbox + "/messages")]
    [InlineData("GET", Mailbox + "/ack")]
    [InlineData("DELETE", Mailbox + "/ack")]
    [InlineData("POST", Mailbox + "/messages/0123456789abcdef-1")]
    [InlineData("PUT", Mailbox + "/info")]
    [InlineData("GET", Mailbox + "/receiver")]
    [InlineData("POST", "/v1/mailboxes")]
    [InlineData("GET", "/v1/messages")]
    [InlineData("POST", "/v1/open")]
    [InlineData("DELETE", "/v1/nodes")]
    [InlineData("POST", "/health/live")]
    [InlineData("POST", "/health/ready")]
    [InlineData("PUT", "/info")]
    public async Task A_method_that_a_path_does_not_take_is_405(string method, string path)
    {
        var answer = await cluster.A.CallAsync(method, path);

        answer.Status.ShouldBe(405);
        answer.Header("Allow").ShouldNotBeNullOrEmpty();
        answer.Header("Cache-Control").ShouldBe("no-store");
        if (method == "HEAD")
        {
            answer.Body.ShouldBeEmpty();
        }
        else
        {
            answer.Problem.ShouldBe("method-not-allowed");
        }
    }

    [Fact]
    public async Task A_method_in_lower_case_is_another_method()
    {
        var answer = await RawHttp.RequestAsync(cluster.A.BaseAddress, "get", Mailbox);

        answer.Status.ShouldBe(405);
        answer.Text.ShouldContain(ProblemTypes.MethodNotAllowed);
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/v1")]
    [InlineData("GET", "/v2/mailboxes/a")]
    [InlineData("GET", "/v1/mailboxes/a/b")]
    [InlineData("POST", "/v1/mailboxes/a/messages/b/c")]
    [InlineData("GET", "/openapi/v9.json")]
    [InlineData("DELETE", "/favicon.ico")]
    public async Task A_path_that_is_not_there_is_404(string method, string path)
    {
        var answer = await cluster.A.CallAsync(method, path);

        answer.Status.ShouldBe(404);
        answer.Problem.ShouldBe("not-found");
    }
}
