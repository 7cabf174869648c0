using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.Faults.Histories;
using Mailbox.TestKit;

namespace Mailbox.Faults.Actors;

/// <summary>One message on its way through a door.</summary>
/// <param name="Body">The payload, and what makes it as long as it should be.</param>
internal sealed record Parcel(string Mailbox, string Payload, string Body, string? Key, string? Topic = null, long? TtlSeconds = null);

/// <summary>What became of it.</summary>
internal sealed record Answer(DeliverOutcome Outcome, Position? Id = null, string? Detail = null);

/// <summary>A way to deliver. One attempt; whether to try again is the producer's business.</summary>
internal interface IDoor : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Whether a repeated key is answered with the first delivery's id.</summary>
    bool TakesKeys { get; }

    /// <summary>How many messages go at once.</summary>
    int AtOnce { get; }

    /// <summary>Those whom every message goes to; null where each parcel is a message of its own, to anybody.</summary>
    IReadOnlyList<string>? Everyone => null;

    Task<Answer[]> DeliverAsync(IReadOnlyList<Parcel> parcels, CancellationToken stop);
}

/// <summary><c>POST /v1/mailboxes/{m}/messages</c>, on any node.</summary>
internal sealed class RestDoor(Func<Uri> anyNode, bool takesKeys) : IDoor
{
    private readonly HttpClient _http = NodeHttp.Create();

    public string Name => takesKeys ? "rest, keyed" : "rest";

    public bool TakesKeys => takesKeys;

    public int AtOnce => 1;

    public async Task<Answer[]> DeliverAsync(IReadOnlyList<Parcel> parcels, CancellationToken stop)
    {
        var parcel = parcels[0];
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(anyNode(), MailboxRoutes.ForMessages(parcel.Mailbox)))
        {
            Content = new StringContent(parcel.Body, Encoding.UTF8, "text/plain"),
        };
        Add("Idempotency-Key", parcel.Key);
        Add("Topic", parcel.Topic);
        Add("TTL", parcel.TtlSeconds?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var response = await _http.SendAsync(request, stop);
        if (!response.IsSuccessStatusCode)
        {
            return [NodeHttp.RefusalOf((int)response.StatusCode)];
        }

        var result = await response.Content.ReadFromJsonAsync(MailboxJsonContext.Default.DeliveryResult, stop);
        return [new Answer(DeliverOutcome.Accepted, Position.Parse(result!.Id!))];

        void Add(string header, string? value)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(header, value);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary><c>POST /v1/messages</c>: a line for each mailbox.</summary>
internal sealed class ManyDoor(Func<Uri> anyNode, int atOnce) : IDoor
{
    private readonly HttpClient _http = NodeHttp.Create();

    public string Name => "many";

    public bool TakesKeys => true;

    public int AtOnce => atOnce;

    public async Task<Answer[]> DeliverAsync(IReadOnlyList<Parcel> parcels, CancellationToken stop)
    {
        var lines = parcels.Select(parcel => JsonSerializer.Serialize(
            new DeliverManyRequest
            {
                To = [parcel.Mailbox],
                Data = JsonSerializer.SerializeToElement(parcel.Body),
                IdempotencyKey = parcel.Key,
            },
            MailboxJsonContext.Default.DeliverManyRequest));
        using var content = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        using var response = await _http.PostAsync(new Uri(anyNode(), MailboxRoutes.DeliverMany), content, stop);
        if (!response.IsSuccessStatusCode)
        {
            return [.. parcels.Select(_ => NodeHttp.RefusalOf((int)response.StatusCode))];
        }

        var answer = await response.Content.ReadFromJsonAsync(MailboxJsonContext.Default.DeliverManyResponse, stop);
        return [.. answer!.Results.Select(NodeHttp.AnswerOf)];
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Past the nodes: with bare commands, or the function.</summary>
internal sealed class RedisDoor(Sender sender) : IDoor
{
    public string Name => sender.Door == TransportDoor.Function ? "function" : "bare";

    public bool TakesKeys => sender.IsFull;

    public int AtOnce => 1;

    public async Task<Answer[]> DeliverAsync(IReadOnlyList<Parcel> parcels, CancellationToken stop)
    {
        var parcel = parcels[0];
        try
        {
            var options = parcel.Key is null && parcel.Topic is null ? null
                : new SendOptions { IdempotencyKey = parcel.Key, Topic = parcel.Topic };
            var sent = await sender.SendAsync(parcel.Mailbox, parcel.Body, options, stop);
            return [sent.IsAccepted
                ? new Answer(DeliverOutcome.Accepted, sent.Id is null ? null : Position.Parse(sent.Id))
                : NodeHttp.RefusalOf(sent.Status)];
        }
        catch (RedisErrorException error)
        {
            // Nothing was done. With a key it is worth another try: Redis may be loading, full, or not the primary any more.
            return [new Answer(TakesKeys ? DeliverOutcome.Unknown : DeliverOutcome.Refused, null, error.Message)];
        }
    }

    public ValueTask DisposeAsync() => sender.DisposeAsync();
}

internal static class NodeHttp
{
    public static HttpClient Create() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(2),
    })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    public static Answer AnswerOf(DeliverManyResult result) => result is { Id: { } id, Status: 201 or 202 }
        ? new Answer(DeliverOutcome.Accepted, Position.Parse(id))
        : RefusalOf(result.Status);

    /// <summary>Of one that is not among the results, nobody knows.</summary>
    public static readonly Answer Untold = new(DeliverOutcome.Unknown, null, "not among the results");

    /// <summary>Each mailbox's own, in whatever order they came.</summary>
    public static Answer[] AnswersOf(IReadOnlyList<Parcel> parcels, IReadOnlyList<DeliverManyResult> results, Answer otherwise) =>
        [.. parcels.Select(parcel => results.FirstOrDefault(result => result.Mailbox == parcel.Mailbox) is { } told ? AnswerOf(told) : otherwise)];

    /// <summary>503 says "unknown"; every other refusal says that nothing was stored.</summary>
    public static Answer RefusalOf(int status) => new(
        status >= 500 && status != 507 ? DeliverOutcome.Unknown : DeliverOutcome.Refused,
        null,
        status.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
