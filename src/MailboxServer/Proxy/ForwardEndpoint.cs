using Mailbox.Contracts;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;
using Mailbox.Transports;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Mailbox.Proxy;

/// <summary>
/// A route's requests: to its backend, and the answer back; or into the mailboxes that the answer names, and what became of
/// it there back. Nothing is delivered before the answer is whole, but of one that says that it is many messages.
/// </summary>
internal sealed partial class ForwardEndpoint : IDisposable
{
    private readonly IHttpForwarder _forwarder;
    private readonly BackendClient _client;
    private readonly ForwardedHeaders _headers;
    private readonly AnswerDeliveries _deliveries;
    private readonly CallerRates _rates;
    private readonly BodyBudget _bodies;
    private readonly Node _node;
    private readonly MailboxOptions _options;
    private readonly ILogger<ForwardEndpoint> _logger;
    private readonly CancellationTokenSource _ends = new();
    private int _underWay;

    public ForwardEndpoint(
        IHttpForwarder forwarder, BackendClient client, ForwardedHeaders headers, AnswerDeliveries deliveries, CallerRates rates,
        BodyBudget bodies, Node node, MailboxOptions options, IHostApplicationLifetime lifetime, ILogger<ForwardEndpoint> logger)
    {
        (_forwarder, _client, _headers, _deliveries, _rates) = (forwarder, client, headers, deliveries, rates);
        (_bodies, _node, _options, _logger) = (bodies, node, options, logger);

        // What is still under way when the node's own streams have ended would hold the node until it is killed.
        lifetime.ApplicationStopping.Register(() => _ends.CancelAfter(options.DrainWindow));
    }

    public async Task HandleAsync(HttpContext http, ProxyRoute route)
    {
        _rates.TakeDelivery(http);
        if (Interlocked.Increment(ref _underWay) > _options.Proxy.MaxRequests)
        {
            Interlocked.Decrement(ref _underWay);
            throw new ProblemException(ProxyProblems.TooManyRequests);
        }

        try
        {
            await ForwardAsync(http, route);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    public void Dispose() => _ends.Dispose();

    private async Task ForwardAsync(HttpContext http, ProxyRoute route)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = _options.Proxy.MaxRequestBytes;
        }

        using var cut = CancellationTokenSource.CreateLinkedTokenSource(_ends.Token);
        CutOffAfter(http.Features.Get<FrameMeter>()?.Passed, cut);
        using var call = new ForwardedCall(
            route, _headers, _bodies, _options, said => SplittingOf(route, said), _ends.Token);
        var error = await _forwarder.SendAsync(http, route.Backend, _client.Invoker, route.Config, call, cut.Token);
        if (http.Response.HasStarted || (http.RequestAborted.IsCancellationRequested && call.Whole is null))
        {
            return; // passed on, whole or aborted; or nobody is there
        }

        var isPassed = call.Passed is { } status && status == http.Response.StatusCode;
        if ((call.Refusal ?? (isPassed ? null : ProblemOf(error, http.Response.StatusCode))) is { } refusal)
        {
            if (refusal.Status >= 500)
            {
                Log.Failed(_logger, route.Path, refusal.Reason);
            }

            Restart(http);
            await refusal.WriteAsync(http);
        }
        else if (call.Split is { } split)
        {
            Restart(http);
            await WriteAsync(http, call.Said!, split.Response);
        }
        else if (call.Whole is { } whole)
        {
            await DeliverAsync(http, route, call.Said!, whole);
        }
        else
        {
            await http.Response.CompleteAsync(); // a status without a body is the backend's own answer, too
        }
    }

    private async Task DeliverAsync(HttpContext http, ProxyRoute route, ForMailboxes said, WholeAnswer whole)
    {
        if (!_node.ReadsStore)
        {
            Restart(http);
            await Problem.StoreUnread.WriteAsync(http);
            return;
        }

        try
        {
            _rates.TakeDeliveries(http, said.Recipients - 1);
        }
        catch (ProblemException exception)
        {
            Restart(http);
            await exception.Problem.WriteAsync(http);
            return;
        }

        var delivery = said.Delivery with { Body = whole.Plain };
        var results = await _deliveries.DeliverAsync(route.DelivererOf(http), said, delivery);
        if (ResultProblems.Of(results) is { } problem)
        {
            Restart(http);
            await problem.WriteAsync(http);
        }
        else if (said.CallerGets == CallerGets.Pass && results.All(ResultProblems.IsDelivered))
        {
            http.Response.ContentLength = http.Response.StatusCode is 204 or 205 ? null : whole.Raw.Length;
            await http.Response.Body.WriteAsync(whole.Raw, http.RequestAborted);
        }
        else
        {
            Restart(http);
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            if (said.CallerGets == CallerGets.Results || !results.All(ResultProblems.IsDelivered))
            {
                await http.Response.WriteAsJsonAsync(
                    new DeliverManyResponse(results), MailboxJsonContext.Default.DeliverManyResponse, cancellationToken: http.RequestAborted);
            }
        }
    }

    private static Task WriteAsync(HttpContext http, ForMailboxes said, DeliverSplitResponse response)
    {
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        return said.CallerGets == CallerGets.Empty && response.NotDelivered == 0
            ? Task.CompletedTask
            : http.Response.WriteAsJsonAsync(
                response, MailboxJsonContext.Default.DeliverSplitResponse, cancellationToken: http.RequestAborted);
    }

    /// <exception cref="ProblemException">503: the node may not write yet.</exception>
    private SplitDelivery SplittingOf(ProxyRoute route, ForMailboxes said) =>
        _node.ReadsStore ? new SplitDelivery(_deliveries, _rates, route, said) : throw new ProblemException(Problem.StoreUnread);

    /// <summary>What the backend's answer has left there is not for the caller.</summary>
    private static void Restart(HttpContext http)
    {
        http.Response.Clear();
        http.Response.Headers.CacheControl = "no-store";
    }

    /// <param name="error">What the forwarder says.</param>
    /// <param name="status">The status that it set, where the client's body was at fault.</param>
    private Problem? ProblemOf(ForwarderError error, int status) => error switch
    {
        ForwarderError.None => null,
        ForwarderError.RequestTimedOut or ForwarderError.UpgradeActivityTimeout => ProxyProblems.Silent,
        ForwarderError.RequestBodyClient => status switch
        {
            StatusCodes.Status413PayloadTooLarge => Problem.TooLarge(_options.Proxy.MaxRequestBytes),
            StatusCodes.Status408RequestTimeout => Problem.BodyTooSlow,
            _ => Problem.InvalidBody("The request could not be read."),
        },
        ForwarderError.RequestBodyDestination when status == StatusCodes.Status504GatewayTimeout => ProxyProblems.Silent,
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled => Problem.Draining,
        ForwarderError.ResponseHeaders or ForwarderError.ResponseBodyDestination or ForwarderError.ResponseBodyCanceled => ProxyProblems.Broken,
        _ => ProxyProblems.Unreachable,
    };

    /// <summary>Nobody behind a forwarded WebSocket counts its frames: one that sends too many is cut off.</summary>
    private static void CutOffAfter(Task? passed, CancellationTokenSource cut) => _ = passed?.ContinueWith(
        _ => cut.CancelAsync(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Warning, "A request to the backend of {Path} failed: {Reason}.")]
        public static partial void Failed(ILogger logger, string path, string reason);
    }
}
