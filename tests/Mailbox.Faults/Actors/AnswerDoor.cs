using System.Net.Http.Json;
using System.Text;
using Mailbox.Contracts;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Actors;

/// <summary>A call to the backend behind any node, whose answer is delivered to these mailboxes.</summary>
internal sealed class AnswerDoor(Func<Uri> anyNode, IReadOnlyList<string> mailboxes) : IDoor
{
    private readonly HttpClient _http = NodeHttp.Create();

    public string Name => "answer";

    public bool TakesKeys => true;

    public int AtOnce => mailboxes.Count;

    public IReadOnlyList<string> Everyone => mailboxes;

    public async Task<Answer[]> DeliverAsync(IReadOnlyList<Parcel> parcels, CancellationToken stop)
    {
        var query = $"?to={string.Join(',', mailboxes)}&key={Uri.EscapeDataString(parcels[0].Key!)}";
        using var content = new StringContent(parcels[0].Body, Encoding.UTF8, "text/plain");
        using var response = await _http.PostAsync(new Uri(anyNode(), AnsweringBackend.Path + query), content, stop);
        if (!response.IsSuccessStatusCode)
        {
            return [.. parcels.Select(_ => NodeHttp.RefusalOf((int)response.StatusCode))];
        }

        var told = await response.Content.ReadFromJsonAsync(MailboxJsonContext.Default.DeliverManyResponse, stop);
        return NodeHttp.AnswersOf(parcels, told!.Results, NodeHttp.Untold);
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
