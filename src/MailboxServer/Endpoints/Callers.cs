using System.Net;
using System.Net.Sockets;
using Mailbox.Access;

namespace Mailbox.Endpoints;

/// <summary>Who is counted for a request.</summary>
internal static class Callers
{
    private const int SiteBytes = 8;

    /// <summary>Who has shown who it is; who came by a ticket is not who made it; of everybody else, the address.</summary>
    public static string Of(HttpContext http) => http.User switch
    {
        Caller { Ticket: { } ticket } => "ticket " + ticket.Hash,
        Caller { Id: { } id } => "caller " + id,
        _ => "address " + AddressOf(http),
    };

    public static string AddressOf(HttpContext http) => AddressOf(http.Connection.RemoteIpAddress);

    /// <summary>Of IPv6 the site: who has one address of a /64 has them all.</summary>
    public static string AddressOf(IPAddress? address)
    {
        if (address is null)
        {
            return "local"; // a Unix socket
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[SiteBytes..].Clear();
        return new IPAddress(bytes).ToString();
    }
}
