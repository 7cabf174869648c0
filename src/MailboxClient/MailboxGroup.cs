using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Mailbox.Client.Http;
using Mailbox.Client.Receiving;
using Mailbox.Client.Sending;
using Mailbox.Contracts;

namespace Mailbox.Client;

/// <summary>A group of mailboxes, from <see cref="MailboxClient.Group"/>: who is a member, and deliveries to all of them. Thread-safe.</summary>
public sealed class MailboxGroup
{
    private const int MembersOfOnePage = 1_000;

    private readonly MailboxHttp _http;

    internal MailboxGroup(MailboxHttp http, string name)
    {
        _http = http;
        Name = name;
    }

    /// <summary>The group's name.</summary>
    public string Name { get; }

    /// <summary>Makes a mailbox a member, or lets it be one for longer or shorter. Tried again while the server is away.</summary>
    /// <param name="mailbox">The mailbox; this client may deliver into it, and administer the group.</param>
    /// <param name="life">When the membership ends by itself, in whole seconds, rounded up. Absent: never.</param>
    /// <param name="cancellationToken">Gives up waiting; it may be a member.</param>
    /// <exception cref="MailboxException">507: the group has as many members as it may. 403: this client may not.</exception>
    public Task<GroupMember> JoinAsync(string mailbox, TimeSpan? life = null, CancellationToken cancellationToken = default)
    {
        MailboxClient.CheckName(mailbox);
        return CallAsync(
            HttpMethod.Put, MailboxRoutes.ForGroupMember(Name, mailbox), ClientJsonContext.Default.GroupMember, cancellationToken,
            request =>
            {
                if (life is { } time)
                {
                    request.Headers.Add(MailboxHeaders.TimeToLive, ((long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
                }
            });
    }

    /// <summary>Takes a mailbox out of the group. That it was no member is no fault.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="cancellationToken">Gives up waiting; it may be out.</param>
    /// <exception cref="MailboxException">403: this client may neither administer the group nor open the mailbox.</exception>
    public Task LeaveAsync(string mailbox, CancellationToken cancellationToken = default)
    {
        MailboxClient.CheckName(mailbox);
        return TellAsync(MailboxRoutes.ForGroupMember(Name, mailbox), cancellationToken);
    }

    /// <summary>The members, in no order, each once.</summary>
    /// <param name="cancellationToken">Ends the loop.</param>
    /// <exception cref="MailboxException">403: this client may not administer the group.</exception>
    public async IAsyncEnumerable<GroupMember> MembersAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal); // one may come on two pages
        string? cursor = null;
        do
        {
            GroupInfo page;
            try
            {
                page = await CallAsync(
                    HttpMethod.Get,
                    $"{MailboxRoutes.ForGroup(Name)}?limit={MembersOfOnePage}{(cursor is null ? "" : "&cursor=" + cursor)}",
                    ClientJsonContext.Default.GroupInfo,
                    cancellationToken).ConfigureAwait(false);
            }
            catch (MailboxException none) when (none.ProblemType == ProblemTypes.GroupNotFound)
            {
                yield break;
            }

            foreach (var member in page.Page.Where(member => seen.Add(member.Mailbox)))
            {
                yield return member;
            }

            cursor = page.Cursor;
        }
        while (cursor is not null);
    }

    /// <summary>Removes all members, and what has not reached them yet.</summary>
    /// <param name="cancellationToken">Gives up waiting; it may be gone.</param>
    /// <exception cref="MailboxException">403: this client may not administer the group.</exception>
    public Task RemoveAsync(CancellationToken cancellationToken = default) => TellAsync(MailboxRoutes.ForGroup(Name), cancellationToken);

    /// <summary>
    /// Delivers <paramref name="body"/> as it is into the mailboxes of all members, once into each, and tries again while the server
    /// is away. Deliveries made one after the other reach each member in that order.
    /// </summary>
    /// <param name="body">At most what the server allows, 65,536 bytes by default.</param>
    /// <param name="options">What the message carries beside its body. Of a topic, only the newest that waits goes to the members.</param>
    /// <param name="waits">Whether the answer waits some seconds for the members to be reached.</param>
    /// <param name="cancellationToken">Gives up waiting; whether it was stored is then unknown.</param>
    /// <returns>It is stored. How far it is: see <see cref="GroupDelivery.State"/>, and later <see cref="FindAsync"/>.</returns>
    /// <exception cref="ArgumentException">An option that no header can carry.</exception>
    /// <exception cref="MailboxException">
    /// The server refused it, and nothing was stored; or with <see cref="MailboxException.IsTransient"/>, the retries are over and
    /// it is unknown.
    /// </exception>
    public Task<GroupDelivery> SendAsync(
        ReadOnlyMemory<byte> body, SendOptions? options = null, bool waits = true, CancellationToken cancellationToken = default)
    {
        var given = (options ?? MailboxClient.NoOptions).Checked();
        var key = given.KeyOrRandom;
        return CallAsync(
            HttpMethod.Post, MailboxRoutes.ForGroupMessages(Name), ClientJsonContext.Default.GroupDelivery, cancellationToken,
            request =>
            {
                request.Content = new ReadOnlyMemoryContent(body);
                Deliveries.AddHeaders(request, given, key);
                if (!waits)
                {
                    request.Headers.Add("Prefer", "respond-async");
                }
            });
    }

    /// <summary>Delivers text: UTF-8, as <c>text/plain; charset=utf-8</c> unless the options say otherwise.</summary>
    /// <param name="text">At most what the server allows, 65,536 bytes by default.</param>
    /// <param name="options">What the message carries beside its body.</param>
    /// <param name="waits">Whether the answer waits some seconds for the members to be reached.</param>
    /// <param name="cancellationToken">Gives up waiting; whether it was stored is then unknown.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, SendOptions?, bool, CancellationToken)"/>
    public Task<GroupDelivery> SendAsync(
        string text, SendOptions? options = null, bool waits = true, CancellationToken cancellationToken = default) =>
        SendAsync(Encoding.UTF8.GetBytes(text), MailboxClient.AsText(options), waits, cancellationToken);

    /// <summary>How far a delivery is, and what it came to. Known for ten minutes after it is over.</summary>
    /// <param name="id">Of a <see cref="GroupDelivery"/>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="MailboxException">404: there is no such delivery, or none any more.</exception>
    public Task<GroupDelivery> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return CallAsync(
            HttpMethod.Get, MailboxRoutes.ForGroupDelivery(Name, Uri.EscapeDataString(id)), ClientJsonContext.Default.GroupDelivery, cancellationToken);
    }

    private Task<T> CallAsync<T>(
        HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken cancellation, Action<HttpRequestMessage>? fill = null) =>
        new Retry(_http).RunAsync(
            async address =>
            {
                using var response = await _http.SendAsync(NewRequest, _http.Options.AttemptTimeout, cancellation).ConfigureAwait(false);
                return await Deliveries.ReadAsync(response, type, cancellation).ConfigureAwait(false);

                HttpRequestMessage NewRequest()
                {
                    var request = new HttpRequestMessage(method, Opening.UriAt(address, path));
                    fill?.Invoke(request);
                    return request;
                }
            },
            cancellation);

    private Task<bool> TellAsync(string path, CancellationToken cancellation) =>
        new Retry(_http).RunAsync(
            async address =>
            {
                using var response = await _http.SendAsync(
                    () => new HttpRequestMessage(HttpMethod.Delete, Opening.UriAt(address, path)), _http.Options.AttemptTimeout, cancellation)
                    .ConfigureAwait(false);
                return true;
            },
            cancellation);
}
