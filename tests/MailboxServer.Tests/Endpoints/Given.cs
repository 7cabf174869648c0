using System.Text;
using System.Text.Json;
using Mailbox.Access;
using Mailbox.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace MailboxServer.Tests.Endpoints;

/// <summary>Requests without a server.</summary>
internal static class Given
{
    private static readonly ServiceProvider Services =
        new ServiceCollection().AddSingleton(new BodyBudget(1_000_000, TimeSpan.FromMinutes(5))).BuildServiceProvider();

    public static DefaultHttpContext Request(string query = "", string? accept = null)
    {
        var http = new DefaultHttpContext { User = Caller.Everybody };
        http.Request.Method = "GET";
        http.Request.QueryString = new QueryString(query.Length > 0 ? "?" + query : "");
        http.Response.Body = new MemoryStream();
        http.RequestServices = Services;
        if (accept is not null) http.Request.Headers.Accept = accept;
        return http;
    }

    public static DefaultHttpContext Upload(byte[] body, bool withLength = true)
    {
        var http = Request();
        http.Request.Method = "POST";
        http.Request.Body = new MemoryStream(body);
        http.Request.ContentLength = withLength ? body.Length : null;
        return http;
    }

    public static DefaultHttpContext Upload(string body) => Upload(Encoding.UTF8.GetBytes(body));

    public static DefaultHttpContext Target(string rawTarget, string method = "GET")
    {
        var http = Request();
        http.Request.Method = method;
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = rawTarget;
        return http;
    }

    public static string Escaped(string name, string value) => QueryHelpers.AddQueryString("", name, value)[1..];

    public static string BodyOf(HttpContext http) => Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray());

    public static JsonElement JsonOf(HttpContext http) => JsonDocument.Parse(BodyOf(http)).RootElement;

    public static Problem ProblemOf(Action action) => Should.Throw<ProblemException>(action).Problem;

    public static async Task<Problem> ProblemOfAsync(Func<Task> action) => (await Should.ThrowAsync<ProblemException>(action)).Problem;
}
