using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Mailbox.Client.Http;
using Mailbox.Contracts;

namespace Mailbox.Client.Receiving;

/// <summary>
/// One poll after the other. A poll acknowledges what it presents, so it presents no more than is done with; what is still in
/// flight comes again with each answer, and is passed over.
/// </summary>
internal sealed class LongPollTransport(Opening open) : ITransport
{
    private const int LongestWait = 25;

    /// <summary>While messages are in flight, a poll would be answered at once: newer ones are looked for at growing pauses.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(0.25);

    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(4);

    private readonly Signal _moved = new();

    public TimeSpan? RetryAfter => null;

    public async IAsyncEnumerable<StreamEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        open.Acks.Moved += _moved.Raise;
        try
        {
            var (wait, resets) = (0, 0);
            var look = FirstLook;
            var (after, lastCursor) = (open.After, default(string));
            while (true)
            {
                var answer = await PollAsync(after, wait, cancellation).ConfigureAwait(false);
                foreach (var next in answer.Events)
                {
                    yield return next;
                }

                // The poll behind a reset is made at once. When it brings another, whoever reads this makes a pause.
                resets = answer.IsReset ? resets + 1 : 0;
                if (answer.IsLast || resets > 1)
                {
                    yield break;
                }

                look = answer.Cursor == lastCursor ? TimeSpan.FromTicks(Math.Min(look.Ticks * 2, LastLook.Ticks)) : FirstLook;
                lastCursor = answer.Cursor;
                await CatchUpAsync(look, cancellation).ConfigureAwait(false);
                after = open.Acks.Position;
                wait = open.Acks.IsAllDone && after is not null ? LongestWait : 0;
            }
        }
        finally
        {
            open.Acks.Moved -= _moved.Raise;
        }
    }

    public ValueTask<bool> TryAckAsync(string mailbox, string cursor, CancellationToken cancellation) => new(false);

    /// <summary>Until all is done with; or, with room in the window, until it is time to look for newer messages.</summary>
    private async Task CatchUpAsync(TimeSpan look, CancellationToken cancellation)
    {
        var begun = open.Http.Time.GetTimestamp();
        while (!open.Acks.IsAllDone)
        {
            var left = look - open.Http.Time.GetElapsedTime(begun);
            if (open.Acks.Count >= open.Window)
            {
                await _moved.WaitAsync(cancellation).ConfigureAwait(false);
            }
            else if (left > TimeSpan.Zero)
            {
                await _moved.WaitAsync(left, open.Http.Time, cancellation).ConfigureAwait(false);
            }
            else
            {
                return;
            }
        }
    }

    private async Task<Answer> PollAsync(string? after, int wait, CancellationToken cancellation)
    {
        using var response = await open.Http.SendAsync(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, open.UriOf(after, $"&limit={open.Window}&wait={wait}"));
                request.Headers.TryAddWithoutValidation("Accept", "application/json");
                return request;
            },
            open.Http.Options.AttemptTimeout + TimeSpan.FromSeconds(wait),
            cancellation).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != "application/json")
        {
            throw new MailboxException(
                (int)response.StatusCode, null, $"No Mailbox server: it answered {response.Content.Headers.ContentType} to a poll.");
        }

        return Answer.Parse(await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
    }

    /// <summary>What a poll brought: an <c>open</c>, since each poll resumes; then what is lost, then messages.</summary>
    private sealed record Answer(string? Cursor, List<StreamEvent> Events)
    {
        /// <summary>The node goes away.</summary>
        public bool IsLast => Events.Exists(next => next.Control == ControlEvents.Draining);

        public bool IsReset => Events.Exists(next => next.Control == ControlEvents.Reset) && Events[^1].Control is not null;

        public static Answer Parse(ReadOnlySpan<byte> json)
        {
            string? cursor = null, before = null;
            var (messages, controls) = (new List<StreamEvent>(), new List<StreamEvent>());
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 128 });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isMessages, isControl) = (reader.ValueTextEquals("messages"u8), reader.ValueTextEquals("control"u8));
                var (isCursor, isBefore) = (reader.ValueTextEquals("cursor"u8), reader.ValueTextEquals("opened"u8));
                reader.Read();
                if (isCursor)
                {
                    cursor = reader.GetString();
                }
                else if (isBefore)
                {
                    before = reader.GetString();
                }
                else if (isMessages || isControl)
                {
                    while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                    {
                        (isMessages ? messages : controls).Add(Envelope.Parse(ref reader, json));
                    }
                }
                else
                {
                    reader.Skip();
                }
            }

            var isEmpty = messages.Count == 0 && controls.Count == 0;

            // Without a place the next poll would be a new receiver's, which takes over. The answer's own cursor is behind its
            // messages, and would acknowledge them; an older server tells no other.
            var opened = new StreamEvent { Control = ControlEvents.Open, Cursor = before ?? (isEmpty ? cursor : null) };
            return new Answer(cursor, [opened, .. controls, .. messages]);
        }
    }
}
