using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using Mailbox.Contracts;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Actors;

/// <summary>
/// <c>POST /v1/groups/{g}/messages</c>, on any node: a group for each mailbox, called as it is. The answer is waited for, whichever
/// node takes the delivery to the member.
/// </summary>
internal sealed class GroupDoor(Func<Uri> anyNode) : IDoor
{
    private readonly HttpClient _http = NodeHttp.Create();
    private readonly ConcurrentDictionary<string, bool> _joined = new(StringComparer.Ordinal);

    public string Name => "group";

    public bool TakesKeys => true;

    public int AtOnce => 1;

    public async Task<Answer[]> DeliverAsync(IReadOnlyList<Parcel> parcels, CancellationToken stop)
    {
        var parcel = parcels[0];
        if (!_joined.ContainsKey(parcel.Mailbox))
        {
            using var joined = await _http.PutAsync(new Uri(anyNode(), MailboxRoutes.ForGroupMember(parcel.Mailbox, parcel.Mailbox)), null, stop);
            if (!joined.IsSuccessStatusCode)
            {
                return [new Answer(DeliverOutcome.Unknown, null, "no member yet")];
            }

            _joined[parcel.Mailbox] = true;
        }

        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(anyNode(), MailboxRoutes.ForGroupMessages(parcel.Mailbox) + "?details=true"))
        {
            Content = new StringContent(parcel.Body, Encoding.UTF8, "text/plain"),
        };
        request.Headers.TryAddWithoutValidation(MailboxHeaders.IdempotencyKey, parcel.Key);
        using var response = await _http.SendAsync(request, stop);
        if (!response.IsSuccessStatusCode)
        {
            return [NodeHttp.RefusalOf((int)response.StatusCode)];
        }

        // One that is not over yet is asked about again, by its key.
        var told = await response.Content.ReadFromJsonAsync(MailboxJsonContext.Default.GroupDelivery, stop);
        return [told switch
        {
            { State: GroupDeliveryStates.Done, Results: [{ Id: { } id, Status: 201 or 202 }] } => new Answer(DeliverOutcome.Accepted, Position.Parse(id)),
            { State: GroupDeliveryStates.Done, Results: [var refused] } => NodeHttp.RefusalOf(refused.Status),
            _ => new Answer(DeliverOutcome.Unknown, null, told?.State),
        }];
    }

    /// <summary>A member stays one for ever, unless its group goes: no group is a residue of the run.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var group in _joined.Keys)
        {
            using var removed = await _http.DeleteAsync(new Uri(anyNode(), MailboxRoutes.ForGroup(group)));
        }

        _http.Dispose();
    }
}
