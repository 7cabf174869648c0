using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Microsoft.AspNetCore.Connections;

namespace Mailbox.Endpoints;

/// <summary>Every refusal that our code sees becomes a problem; nothing may be stored by whoever caches.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        Problem problem;
        try
        {
            await next(http);
            if (http.Response.HasStarted || http.Response.StatusCode < 400 || http.Response.ContentType is not null ||
                Of(http.Response.StatusCode) is not { } silent)
            {
                return;
            }

            problem = silent;
        }
        catch (ProblemException exception)
        {
            problem = exception.Problem;
        }
        catch (StoreException exception)
        {
            problem = Of(exception);
        }
        catch (BadHttpRequestException exception)
        {
            problem = Of(exception);
        }
        catch (JsonException exception)
        {
            problem = Problem.InvalidBody(DetailOf(exception));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return; // the client is gone
        }
        catch (ConnectionResetException)
        {
            http.Abort(); // the client is gone, in the middle of its body: there is nothing left to drain
            return;
        }
        catch (Exception exception)
        {
            Log.Unexpected(logger, FailureText.Of(exception));
            problem = new Problem(500, ProblemTypes.Internal, "The server failed.");
        }

        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        await problem.WriteAsync(http);
    }

    /// <summary>Where it is, and what: a member that is unknown, missing, twice or of another type stands at its path.</summary>
    private static string DetailOf(JsonException exception) =>
        (exception.LineNumber, exception.Path) switch
        {
            ({ } line, { Length: > 1 } path) =>
                $"At {path} (line {line + 1}, byte {exception.BytePositionInLine}): not valid JSON, or not a member that this call takes.",
            ({ } line, _) => $"At line {line + 1}, byte {exception.BytePositionInLine}: not valid JSON, or not what this call takes.",
            _ => "A member is missing, or this is not valid JSON.",
        };

    public static Problem Of(StoreException exception) => exception.Fault switch
    {
        StoreFault.Full => Problem.StoreFull,
        StoreFault.TenantFull => Problem.TenantFull,
        StoreFault.Conflict => Problem.StoreConflict,
        _ => Problem.StoreUnavailable,
    };

    private static Problem Of(BadHttpRequestException exception) => exception.StatusCode switch
    {
        413 => new Problem(413, ProblemTypes.TooLarge, "The body is over the limit."),
        408 => Problem.BodyTooSlow,
        _ => Problem.InvalidBody("The request could not be read."),
    };

    /// <summary>What routing answered without a body.</summary>
    private static Problem? Of(int status) => status switch
    {
        404 => new Problem(404, ProblemTypes.NotFound, "There is no such path."),
        405 => Problem.MethodNotAllowed,
        415 => Problem.UnsupportedMediaType("See the interface's description at /openapi/v1.json."),
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Error, "A request failed unexpectedly.\n{Failure}")]
        public static partial void Unexpected(ILogger logger, string failure);
    }
}
