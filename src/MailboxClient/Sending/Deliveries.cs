using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Mailbox.Client.Http;
using Mailbox.Client.Receiving;
using Mailbox.Contracts;

namespace Mailbox.Client.Sending;

/// <summary>Deliveries on the wire: one message to one mailbox, one to many, and many messages at once.</summary>
internal sealed class Deliveries(MailboxHttp http)
{
    /// <summary>The most that the server takes in one request.</summary>
    public const int MaxRecipients = 10_000;

    public async Task<DeliveryResult> SendAsync(
        string mailbox, ReadOnlyMemory<byte> body, SendOptions options, string key, CancellationToken cancellation, TimeSpan? time = null) =>
        await new Retry(http, time).RunAsync(
            async address =>
            {
                using var response = await http.SendAsync(NewRequest, http.Options.AttemptTimeout, cancellation).ConfigureAwait(false);
                return await ReadAsync(response, ClientJsonContext.Default.DeliveryResult, cancellation).ConfigureAwait(false);

                HttpRequestMessage NewRequest()
                {
                    var request = new HttpRequestMessage(HttpMethod.Post, Opening.UriAt(address, MailboxRoutes.ForMessages(mailbox)))
                    {
                        Content = new ReadOnlyMemoryContent(body),
                    };
                    AddHeaders(request, options, key);
                    return request;
                }
            },
            cancellation).ConfigureAwait(false);

    /// <summary>Each mailbox by itself: those that could not be reached are tried again, and those alone.</summary>
    public async Task<IReadOnlyList<DeliverManyResult>> SendAsync(
        IReadOnlyList<string> mailboxes, ReadOnlyMemory<byte> body, SendOptions options, CancellationToken cancellation)
    {
        var key = options.KeyOrRandom;
        var results = new Dictionary<string, DeliverManyResult>(StringComparer.Ordinal);
        foreach (var some in mailboxes.Chunk(MaxRecipients))
        {
            try
            {
                await SettleAsync(
                    [.. some.Select(mailbox => new Outgoing(mailbox, body, options, key))],
                    requests => Lines.OfOne([.. requests.Select(request => request.Mailbox)], requests[0]),
                    (request, result) => results[request.Mailbox] = result,
                    new Retry(http),
                    cancellation).ConfigureAwait(false);
            }
            catch (Exception exception) when (results.Count > 0 && !cancellation.IsCancellationRequested)
            {
                // Thrown, it would hide which mailboxes have the message. What is left would meet the same, after the same time.
                return [.. mailboxes.Select(mailbox => results.TryGetValue(mailbox, out var result) ? result : ResultOf(mailbox, exception))];
            }
        }

        return [.. mailboxes.Select(mailbox => results[mailbox])];
    }

    /// <summary>
    /// Several messages in one request. At most one for each mailbox, since the server does not order those of one request.
    /// </summary>
    /// <param name="messages">The messages.</param>
    /// <param name="answered">Called with each answer: one that will pass may be replaced by that of a retry.</param>
    /// <param name="time">How long it is tried again.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task SendAsync(
        IReadOnlyList<Outgoing> messages, Action<Outgoing, DeliverManyResult> answered, TimeSpan time, CancellationToken cancellation) =>
        SettleAsync(messages, Lines.Of, answered, new Retry(http, time), cancellation);

    private async Task SettleAsync(
        IReadOnlyList<Outgoing> open,
        Func<IReadOnlyList<Outgoing>, byte[]> bodyOf,
        Action<Outgoing, DeliverManyResult> answered,
        Retry retry,
        CancellationToken cancellation)
    {
        while (open.Count > 0)
        {
            var body = bodyOf(open);
            var answer = await retry.RunAsync(address => PostAsync(address, body, cancellation), cancellation).ConfigureAwait(false);
            if (answer.Results?.Count != open.Count)
            {
                throw new MailboxException(200, null, $"The server answered {answer.Results?.Count ?? 0} results for {open.Count} messages.");
            }

            var again = new List<Outgoing>();
            DeliverManyResult? passing = null;
            for (var i = 0; i < open.Count; i++)
            {
                var result = answer.Results[i];
                if (MailboxException.IsPassing(result.Status))
                {
                    again.Add(open[i]);
                    passing = result;
                }

                answered(open[i], result);
            }

            if (passing is null ||
                !await retry.PauseAsync(Refusals.Of(passing.Status, passing.Type, null, passing.Detail), cancellation).ConfigureAwait(false))
            {
                return;
            }

            open = again;
        }
    }

    /// <summary>Where nobody answered, as if an intermediary had said so: zero would pass for a success.</summary>
    private static DeliverManyResult ResultOf(string mailbox, Exception exception)
    {
        var refusal = exception as MailboxException;
        return new DeliverManyResult
        {
            Mailbox = mailbox,
            Status = refusal?.Status is >= 400 and var status ? status : 503,
            Type = refusal?.ProblemType,
            Detail = exception.Message,
        };
    }

    private async Task<DeliverManyResponse> PostAsync(Uri address, byte[] lines, CancellationToken cancellation)
    {
        using var response = await http.SendAsync(
            () =>
            {
                var content = new ByteArrayContent(lines);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
                return new HttpRequestMessage(HttpMethod.Post, Opening.UriAt(address, MailboxRoutes.DeliverMany)) { Content = content };
            },
            http.Options.AttemptTimeout,
            cancellation).ConfigureAwait(false);
        return await ReadAsync(response, ClientJsonContext.Default.DeliverManyResponse, cancellation).ConfigureAwait(false);
    }

    internal static async Task<T> ReadAsync<T>(
        HttpResponseMessage response, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> typeInfo, CancellationToken cancellation)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(typeInfo, cancellation).ConfigureAwait(false) ?? throw new JsonException("null");
        }
        catch (JsonException exception)
        {
            throw new MailboxException((int)response.StatusCode, null, "The server's answer cannot be read.", exception);
        }
    }

    internal static void AddHeaders(HttpRequestMessage request, SendOptions options, string key)
    {
        Add(request.Content!.Headers, "Content-Type", options.ContentType);
        Add(request.Headers, MailboxHeaders.Type, options.Type);
        Add(request.Headers, MailboxHeaders.Topic, options.Topic);
        Add(request.Headers, MailboxHeaders.TimeToLive, options.Seconds?.ToString(CultureInfo.InvariantCulture));
        Add(request.Headers, MailboxHeaders.IdempotencyKey, key);

        static void Add(HttpHeaders headers, string name, string? value)
        {
            if (value is not null)
            {
                headers.TryAddWithoutValidation(name, value);
            }
        }
    }
}
