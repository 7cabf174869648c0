using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailboxServer.Tests.Endpoints;

public class ProblemMiddlewareTests
{
    [Fact]
    public async Task InvokeAsync_Answer_LeftAloneAndNotStored()
    {
        var http = await InvokeAsync(context =>
        {
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        });
        http.Response.StatusCode.ShouldBe(204);
        http.Response.Headers.CacheControl.ToString().ShouldBe("no-store");
        Given.BodyOf(http).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(404, ProblemTypes.NotFound)]
    [InlineData(405, ProblemTypes.MethodNotAllowed)]
    [InlineData(415, ProblemTypes.UnsupportedMediaType)]
    public async Task InvokeAsync_StatusWithoutABody_ItsProblem(int status, string type)
    {
        var http = await InvokeAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        ShouldBe(http, status, type);
    }

    [Fact]
    public async Task InvokeAsync_ProblemException_ItsProblem() =>
        ShouldBe(await ThrowAsync(new ProblemException(Problem.InvalidName)), 400, ProblemTypes.InvalidName);

    [Fact]
    public async Task InvokeAsync_StoreException_ByItsFault()
    {
        ShouldBe(await ThrowAsync(new StoreException(StoreFault.Unavailable, "x")), 503, ProblemTypes.StoreUnavailable);
        ShouldBe(await ThrowAsync(new StoreException(StoreFault.Full, "x")), 507, ProblemTypes.StoreFull);
        ShouldBe(await ThrowAsync(new StoreException(StoreFault.Conflict, "x")), 409, ProblemTypes.StoreConflict);
    }

    [Fact]
    public async Task InvokeAsync_JsonException_TheBodyIsNotWhatTheCallTakes() =>
        ShouldBe(await ThrowAsync(new JsonException("secret", "$.cursor", 0, 3)), 400, ProblemTypes.InvalidBody);

    [Fact]
    public async Task InvokeAsync_BadRequestOfTheServer_ItsProblem()
    {
        ShouldBe(await ThrowAsync(new BadHttpRequestException("x", 413)), 413, ProblemTypes.TooLarge);
        ShouldBe(await ThrowAsync(new BadHttpRequestException("x", 408)), 408, ProblemTypes.RequestTimeout);
        ShouldBe(await ThrowAsync(new BadHttpRequestException("x", 400)), 400, ProblemTypes.InvalidBody);
    }

    [Fact]
    public async Task InvokeAsync_AnythingElse_InternalWithoutItsMessage()
    {
        var http = await ThrowAsync(new InvalidOperationException("secret"));
        ShouldBe(http, 500, ProblemTypes.Internal);
        Given.BodyOf(http).ShouldNotContain("secret");
    }

    [Fact]
    public async Task InvokeAsync_AnythingElse_LoggedByWhatAndWhereWithoutItsMessages()
    {
        var log = new Lines();
        await new ProblemMiddleware(_ => Fail(), log).InvokeAsync(Given.Request());

        var line = log.Single();
        line.ShouldContain(nameof(InvalidOperationException));
        line.ShouldContain(nameof(FormatException));
        line.ShouldContain(nameof(Fail));
        line.ShouldNotContain("secret");

        static Task Fail() => throw new InvalidOperationException("secret", new FormatException("another secret"));
    }

    [Fact]
    public async Task InvokeAsync_ClientGone_NothingIsWritten()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        var http = Given.Request();
        http.RequestAborted = gone.Token;
        await new ProblemMiddleware(_ => throw new OperationCanceledException(), NullLogger<ProblemMiddleware>.Instance).InvokeAsync(http);
        Given.BodyOf(http).ShouldBeEmpty();
    }

    private static void ShouldBe(HttpContext http, int status, string type)
    {
        http.Response.StatusCode.ShouldBe(status);
        http.Response.ContentType.ShouldBe("application/problem+json");
        http.Response.Headers.CacheControl.ToString().ShouldBe("no-store");
        Given.JsonOf(http).GetProperty("type").GetString().ShouldBe(type);
        Given.JsonOf(http).GetProperty("status").GetInt32().ShouldBe(status);
    }

    private static Task<DefaultHttpContext> ThrowAsync(Exception exception) => InvokeAsync(_ => throw exception);

    /// <summary>What a console would show: the message and the exception.</summary>
    private sealed class Lines : List<string>, ILogger<ProblemMiddleware>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Add(formatter(state, exception) + exception);
    }

    private static async Task<DefaultHttpContext> InvokeAsync(RequestDelegate next)
    {
        var http = Given.Request();
        await new ProblemMiddleware(next, NullLogger<ProblemMiddleware>.Instance).InvokeAsync(http);
        return http;
    }
}
