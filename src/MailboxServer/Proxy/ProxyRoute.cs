using Mailbox.Access;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;
using Yarp.ReverseProxy.Forwarder;

namespace Mailbox.Proxy;

/// <summary>One route, as it is used.</summary>
internal sealed class ProxyRoute
{
    public ProxyRoute(RouteOptions options, AccessOptions access)
    {
        Path = options.Path;
        Backend = options.Backend.TrimEnd('/');
        Timeout = options.Timeout;
        PassesCredentials = options.PassCredentials;
        IsForAll = (options.Access ?? (access.IsOn ? RouteAccess.Authenticated : RouteAccess.Anonymous)) == RouteAccess.Anonymous;
        DeliversAs = new Caller(
            Grant.Everybody, Rights.Of(("mailbox.deliver", options.Deliver.Count > 0 ? string.Join(' ', options.Deliver) : "*")));
        Config = new ForwarderRequestConfig { ActivityTimeout = options.Timeout };
    }

    public string Path { get; }

    /// <summary>Without a slash at its end.</summary>
    public string Backend { get; }

    public TimeSpan Timeout { get; }

    public bool PassesCredentials { get; }

    public bool IsForAll { get; }

    /// <summary>The backend as one that delivers: what it may is the route's to say, whoever called it.</summary>
    public Caller DeliversAs { get; }

    public ForwarderRequestConfig Config { get; }

    public bool Covers(ReadOnlySpan<char> path) =>
        Path == "/" || (path.StartsWith(Path, StringComparison.Ordinal) && (path.Length == Path.Length || path[Path.Length] == '/'));

    public Deliverer DelivererOf(HttpContext http) => new(DeliversAs, NodeMetrics.Answer, CountedDeliveries.TraceOf(http));
}
