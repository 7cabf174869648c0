using Mailbox.Endpoints;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;

namespace Mailbox.Proxy;

/// <summary>
/// Takes the requests of the routes before the server's own rules for paths and its routing see them: a backend's paths may
/// have capitals, escapes and a slash at the end. Who calls is still looked at, for each but an anonymous route.
/// </summary>
internal sealed class ProxyRouting
{
    private readonly RequestDelegate _next;
    private readonly List<(ProxyRoute Route, Endpoint Endpoint)> _routes;

    public ProxyRouting(RequestDelegate next, ProxyOptions options, Access.AccessOptions access, ForwardEndpoint forward)
    {
        _next = next;
        _routes = [.. options.Routes.Select(route => new ProxyRoute(route, access)).OrderByDescending(route => route.Path.Length)
            .Select(route => (route, EndpointOf(route, forward)))];
    }

    public Task InvokeAsync(HttpContext http)
    {
        var target = ForwardedTarget.PathAndQueryOf(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (EndpointOf(target) is not { } endpoint)
        {
            return _next(http);
        }

        if (ForwardedTarget.RefusalOf(target) is { } detail)
        {
            return Problem.InvalidTarget(detail).WriteAsync(http);
        }

        http.SetEndpoint(endpoint);
        return _next(http);
    }

    private Endpoint? EndpointOf(string target)
    {
        var path = ForwardedTarget.PathOf(target);
        if (path.IsEmpty || ForwardedTarget.IsReserved(path))
        {
            return null;
        }

        foreach (var (route, endpoint) in _routes)
        {
            if (route.Covers(path))
            {
                return endpoint;
            }
        }

        return null;
    }

    private static Endpoint EndpointOf(ProxyRoute route, ForwardEndpoint forward) => new(
        http => forward.HandleAsync(http, route),
        route.IsForAll ? new EndpointMetadataCollection(new AllowAnonymousAttribute()) : EndpointMetadataCollection.Empty,
        route.Path);
}
