using System.Reflection;
using Mailbox.Contracts;
using Mailbox.Endpoints;

namespace MailboxServer.Tests.Endpoints;

public class ProblemTests
{
    [Fact]
    public async Task WriteAsync_Problem_TheMembersOfRfc9457()
    {
        var http = Given.Request();
        await Problem.InvalidParameter("window", "1 to \"1000\".").WriteAsync(http);
        http.Response.StatusCode.ShouldBe(400);
        http.Response.ContentType.ShouldBe("application/problem+json");
        http.Response.Headers.RetryAfter.Count.ShouldBe(0);
        var json = Given.JsonOf(http);
        json.EnumerateObject().Select(member => member.Name).ShouldBe(["type", "title", "status", "detail"]);
        json.GetProperty("type").GetString().ShouldBe("urn:mailbox:problem:invalid-parameter");
        json.GetProperty("title").GetString().ShouldBe("The query parameter 'window' is not valid.");
        json.GetProperty("status").GetInt32().ShouldBe(400);
        json.GetProperty("detail").GetString().ShouldBe("1 to \"1000\".");
    }

    [Fact]
    public async Task WriteAsync_NoDetail_NoMember()
    {
        var http = Given.Request();
        await Problem.MailboxNotFound.WriteAsync(http);
        Given.JsonOf(http).TryGetProperty("detail", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task WriteAsync_PassingProblem_WholeSecondsInRetryAfter()
    {
        foreach (var problem in new[] { Problem.StoreUnavailable, Problem.Draining, Problem.TooManyConnections })
        {
            var http = Given.Request();
            await problem.WriteAsync(http);
            http.Response.StatusCode.ShouldBe(503);
            int.Parse(http.Response.Headers.RetryAfter.ToString(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(1, 10);
        }
    }

    [Fact]
    public void RetryAfter_ManyTimes_Jittered() =>
        Enumerable.Range(0, 200).Select(_ => Problem.Draining.RetryAfter).Distinct().Count().ShouldBeGreaterThan(1);

    [Fact]
    public async Task WriteAsync_Head_NoBody()
    {
        var http = Given.Request();
        http.Request.Method = "HEAD";
        await Problem.MailboxNotFound.WriteAsync(http);
        http.Response.StatusCode.ShouldBe(404);
        Given.BodyOf(http).ShouldBeEmpty();
    }

    [Fact]
    public void Reason_EveryProblem_TheLastPartOfAKnownTypeThatNeedsNoEscapes()
    {
        var types = typeof(ProblemTypes).GetFields().Select(field => (string)field.GetValue(null)!).ToHashSet();
        var problems = typeof(Problem).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Where(property => property.PropertyType == typeof(Problem)).Select(property => (Problem)property.GetValue(null)!).ToList();
        problems.Count.ShouldBeGreaterThan(10);
        foreach (var problem in problems)
        {
            types.ShouldContain(problem.Type);
            problem.Reason.ShouldMatch("^[a-z-]+$"); // mailbox.unavailable writes it into JSON as it is
            problem.Status.ShouldBeInRange(400, 599);
            problem.Title.ShouldEndWith(".");
        }
    }

    [Fact]
    public void Types_All_StableAndDifferent()
    {
        var types = typeof(ProblemTypes).GetFields().Where(field => field.Name != nameof(ProblemTypes.Prefix))
            .Select(field => (string)field.GetValue(null)!).ToList();
        types.ShouldBeUnique();
        types.ShouldAllBe(type => type.StartsWith(ProblemTypes.Prefix, StringComparison.Ordinal));
    }
}
