using Mailbox.Contracts;
using Mailbox.Endpoints;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Mailbox.Proxy;

/// <summary>
/// One request on its way to a backend and back. An answer for mailboxes is read here and not passed on: when this is
/// through with it, the backend has nothing more to do with the call.
/// </summary>
internal sealed class ForwardedCall(
    ProxyRoute route, ForwardedHeaders headers, BodyBudget bodies, MailboxOptions options, Func<ForMailboxes, SplitDelivery> splitting,
    CancellationToken ends) : HttpTransformer, IDisposable
{
    private static readonly string[] OfDelivery = [MailboxHeaders.TimeToLive, MailboxHeaders.Topic, MailboxHeaders.IdempotencyKey];

    /// <summary>Why the answer can neither be delivered nor passed on.</summary>
    public Problem? Refusal { get; private set; }

    /// <summary>What the answer's headers say; null when it is for the caller alone.</summary>
    public ForMailboxes? Said { get; private set; }

    /// <summary>The answer that is to be delivered.</summary>
    public WholeAnswer? Whole { get; private set; }

    /// <summary>What was delivered of it already, as it came.</summary>
    public SplitDelivery? Split { get; private set; }

    /// <summary>The status of an answer that is passed on.</summary>
    public int? Passed { get; private set; }

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        headers.Apply(httpContext, proxyRequest, route);
        var target = ForwardedTarget.PathAndQueryOf(httpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        proxyRequest.RequestUri = new Uri(
            destinationPrefix + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return false;
        }

        try
        {
            Said = IsDeliverable(httpContext, proxyResponse)
                ? ForMailboxes.Of(proxyResponse, route.DeliversAs, options.Limits.RecipientsPerCall)
                : null;
            if (Said is not null)
            {
                await ReadAsync(httpContext, proxyResponse, Said);
                return false;
            }
        }
        catch (ProblemException exception)
        {
            Refusal = exception.Problem;
            return false;
        }

        await CopyHeadersAsync(httpContext, proxyResponse, cancellationToken);
        Passed = (int)proxyResponse.StatusCode;
        if (MayTakeLong(httpContext, proxyResponse))
        {
            await httpContext.Response.Body.FlushAsync(cancellationToken); // which a start alone does not do
        }

        return true;
    }

    public override async ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        await base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
        if (httpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } trailers)
        {
            ForwardedHeaders.Strip(trailers, proxyResponse.Headers.Connection);
        }
    }

    public void Dispose() => Whole?.Dispose();

    /// <summary>An error or a redirect is the caller's to see, and to a HEAD there is no body.</summary>
    private static bool IsDeliverable(HttpContext http, HttpResponseMessage answer) =>
        answer.IsSuccessStatusCode && !HttpMethods.IsHead(http.Request.Method) && !HttpMethods.IsConnect(http.Request.Method);

    /// <summary>A stream's client is told that it has begun, though nothing may come for long.</summary>
    private static bool MayTakeLong(HttpContext http, HttpResponseMessage answer) =>
        answer.IsSuccessStatusCode && answer.Content.Headers.ContentLength is null && (int)answer.StatusCode is not (204 or 205) &&
        !HttpMethods.IsHead(http.Request.Method) && !HttpMethods.IsConnect(http.Request.Method) &&
        answer.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) is not true;

    private async Task CopyHeadersAsync(HttpContext http, HttpResponseMessage answer, CancellationToken cancellation)
    {
        http.Response.Headers.Remove("Cache-Control"); // ours is for our own answers
        await base.TransformResponseAsync(http, answer, cancellation);
        ForwardedHeaders.Strip(http.Response.Headers, answer.Headers.Connection);
    }

    private async Task ReadAsync(HttpContext http, HttpResponseMessage answer, ForMailboxes said)
    {
        if (said.Splitting != Splitting.None)
        {
            bodies.Take(options.MaxMessageBytes);
            try
            {
                Split = splitting(said);
                Refusal = await Split.RunAsync(http, answer.Content, options.MaxMessageBytes, ends);
            }
            catch (OperationCanceledException)
            {
                // The caller is gone, and with it what it asked for.
            }
            finally
            {
                bodies.Return(options.MaxMessageBytes);
            }

            return;
        }

        // Once the backend has answered, the caller may be gone: the mailboxes are there.
        using var until = CancellationTokenSource.CreateLinkedTokenSource(ends);
        until.CancelAfter(route.Timeout);
        try
        {
            Whole = await WholeAnswer.ReadAsync(answer.Content, said.Encoding, options.MaxMessageBytes, bodies, until.Token);
        }
        catch (OperationCanceledException)
        {
            Refusal = ends.IsCancellationRequested ? Problem.Draining : ProxyProblems.Silent;
            return;
        }

        if (said.CallerGets == CallerGets.Pass)
        {
            await CopyHeadersAsync(http, answer, CancellationToken.None);
            foreach (var name in OfDelivery)
            {
                http.Response.Headers.Remove(name);
            }
        }
    }
}
