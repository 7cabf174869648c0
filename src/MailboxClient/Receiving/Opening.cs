using System.Globalization;
using Mailbox.Client.Http;
using Mailbox.Contracts;

namespace Mailbox.Client.Receiving;

/// <summary>How one receiver opens its mailbox at one address.</summary>
internal sealed record Opening(MailboxHttp Http, Uri Address, string Mailbox, string Receiver, int Window, string? After, AckTracker Acks)
{
    /// <param name="after">A cursor; or null for the oldest kept, or <c>now</c>: then the receiver's identity goes along.</param>
    /// <param name="more">More options of the query.</param>
    public Uri UriOf(string? after, string more)
    {
        var place = after switch
        {
            null => $"receiver={Receiver}",
            "now" => $"after=now&receiver={Receiver}",
            _ => $"after={Uri.EscapeDataString(after)}",
        };
        return UriAt(Address, MailboxRoutes.ForMailbox(Mailbox) +
            string.Create(CultureInfo.InvariantCulture, $"?ack=client&window={Window}&{place}{more}"));
    }

    /// <summary>Below the address, which may have a path of its own.</summary>
    public static Uri UriAt(Uri address, string path) => new(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + path);
}
