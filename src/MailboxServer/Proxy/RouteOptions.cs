using System.ComponentModel.DataAnnotations;

namespace Mailbox.Proxy;

/// <summary>One route, under <c>Mailbox:Proxy:Routes:0</c> and so on.</summary>
internal sealed class RouteOptions
{
    /// <summary>The path itself and all below it: <c>/shop</c> is <c>/shop</c> and <c>/shop/cart</c>, and not <c>/shopping</c>; <c>/</c> is all but the server's own.</summary>
    [Required]
    public string Path { get; set; } = "";

    /// <summary>Where to: <c>http://10.0.0.7:9000</c>, http or https, without user, query or fragment. The path goes behind it as it came.</summary>
    [Required]
    public string Backend { get; set; } = "";

    /// <summary>Who may call. Default: who can show who it is, where there is access control; else everybody.</summary>
    public RouteAccess? Access { get; set; }

    /// <summary>The mailboxes that the backend may deliver to: names, or beginnings of names and <c>*</c>; groups as <c>group:room-*</c>. Default: all.</summary>
    public IList<string> Deliver { get; set; } = [];

    /// <summary>How long the backend may be silent, before its answer and within it; then 504.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the backend gets the caller's own proof: <c>Authorization</c>, and the cookie that this server sets.</summary>
    public bool PassCredentials { get; set; }
}

/// <summary>Who may call a route.</summary>
internal enum RouteAccess
{
    /// <summary>Everybody; nobody is asked.</summary>
    Anonymous,

    /// <summary>Who shows a token or key that holds, whatever its scopes.</summary>
    Authenticated,
}
