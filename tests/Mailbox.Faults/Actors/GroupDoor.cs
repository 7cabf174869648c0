using System.Net.Http.Json;
using System.Text;
using Mailbox.Contracts;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Actors;

/// <summary>
/// <c>POST /v1/groups/{g}/messages</c>, on any node: one message for all members. The answer is waited for, whichever node takes the
/// delivery to them.
/// </summary>
internal sealed class GroupDoor(Func<Uri> anyNode, string group, IReadOnlyList<string> members) : IDoor
{
    private readonly HttpClient _http = NodeHttp.Create();
    private int _joined;

    public string Name => "group";

    public bool TakesKeys => true;

    public int AtOnce => members.Count;

    public IReadOnlyList<string> Everyone => members;

    public async Task<Answer[]> DeliverAsync(IReadOnlyList<Parcel> parcels, CancellationToken stop)
    {
        for (; _joined < members.Count; _joined++)
        {
            using var joined = await _http.PutAsync(new Uri(anyNode(), MailboxRoutes.ForGroupMember(group, members[_joined])), null, stop);
            if (!joined.IsSuccessStatusCode)
            {
                return Unknown($"no member yet: {(int)joined.StatusCode}");
            }
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(anyNode(), MailboxRoutes.ForGroupMessages(group) + "?details=true"))
        {
            Content = new StringContent(parcels[0].Body, Encoding.UTF8, "text/plain"),
        };
        request.Headers.TryAddWithoutValidation(MailboxHeaders.IdempotencyKey, parcels[0].Key);
        using var response = await _http.SendAsync(request, stop);
        if (!response.IsSuccessStatusCode)
        {
            return [.. parcels.Select(_ => NodeHttp.RefusalOf((int)response.StatusCode))];
        }

        // One that is not over yet is asked about again, by its key.
        var told = await response.Content.ReadFromJsonAsync(MailboxJsonContext.Default.GroupDelivery, stop);
        if (told is not { State: GroupDeliveryStates.Done, Results: { } results })
        {
            return Unknown(told?.State);
        }

        // Redis may have lost the group: who was no member did not get it, and joins again.
        _joined = told.Members < members.Count ? 0 : _joined;
        return NodeHttp.AnswersOf(
            parcels, results, told.Members == results.Count ? new Answer(DeliverOutcome.Refused, null, "no member") : NodeHttp.Untold);

        Answer[] Unknown(string? why) => [.. parcels.Select(_ => new Answer(DeliverOutcome.Unknown, null, why))];
    }

    /// <summary>A member stays one for ever, unless its group goes: no group is a residue of the run.</summary>
    public async ValueTask DisposeAsync()
    {
        using var removed = await _http.DeleteAsync(new Uri(anyNode(), MailboxRoutes.ForGroup(group)));
        _http.Dispose();
    }
}
