using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Mailbox.Contracts;

namespace Mailbox.Client.Receiving;

/// <summary>Server-sent events with an envelope in each, since a raw event loses line ends, and has no time or content type.</summary>
internal sealed class SseTransport(Opening open) : ITransport
{
    public TimeSpan? RetryAfter { get; private set; }

    public async IAsyncEnumerable<StreamEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await open.Http.SendAsync(NewRequest, open.Http.Options.AttemptTimeout, cancellation, isBuffered: false)
            .ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            throw new MailboxReplacedException(open.Mailbox);
        }

        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            throw new MailboxException(
                (int)response.StatusCode, null, $"No Mailbox server: it answered {response.Content.Headers.ContentType} to an open.");
        }

        var stream = new IdleStream(
            await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), open.Http.Options.IdleTimeout, open.Http.Time);
        await using (stream.ConfigureAwait(false))
        {
            var parser = SseParser.Create(stream, (_, data) => Envelope.Parse(data));
            await foreach (var item in parser.EnumerateAsync(cancellation).ConfigureAwait(false))
            {
                RetryAfter = parser.ReconnectionInterval > TimeSpan.Zero ? parser.ReconnectionInterval : null;
                if (item.Data.Control == ControlEvents.Unavailable)
                {
                    throw new MailboxException(
                        item.Data.Status, ProblemTypes.Prefix + item.Data.Reason, $"The mailbox cannot be opened now: {item.Data.Reason}.");
                }

                yield return item.Data;
            }
        }
    }

    public ValueTask<bool> TryAckAsync(string mailbox, string cursor, CancellationToken cancellation) => new(false);

    private HttpRequestMessage NewRequest()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, open.UriOf(open.After, "&format=envelope"));
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        return request;
    }
}
