using System.ComponentModel.DataAnnotations;

namespace Mailbox.Proxy;

/// <summary>The settings under <c>Mailbox:Proxy</c>: which paths are forwarded to which backend. With no route nothing is.</summary>
internal sealed class ProxyOptions
{
    public IList<RouteOptions> Routes { get; set; } = [];

    /// <summary>Signs what tells a backend who calls: base64, at least 32 bytes. The backends know it too. Needed with routes, but in Development.</summary>
    public string? CallerKey { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>The most forwarded requests under way on a node, streams and WebSockets too; more get 503 <c>too-many</c>.</summary>
    [Range(1, 1_000_000)]
    public int MaxRequests { get; set; } = 1_000;

    /// <summary>The most bytes of a forwarded request's body, which is streamed and never held; more is 413.</summary>
    [Range(0, 1L << 40)]
    public long MaxRequestBytes { get; set; } = 30_000_000;

    /// <summary>Each by itself: what reads a whole list leaves out, without a word, those that it cannot read.</summary>
    /// <exception cref="InvalidOperationException">A setting cannot be read; its name is in the message.</exception>
    public static IList<RouteOptions> RoutesIn(IConfiguration mailbox) =>
        [.. mailbox.GetSection("Proxy:Routes").GetChildren().Select(route => route.Get<RouteOptions>() ?? new RouteOptions())];

    public bool IsOn => Routes.Count > 0;
}
