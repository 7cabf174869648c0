using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Mailbox.Client;
using Mailbox.Contracts;

namespace Mailbox.Cli;

/// <summary>Everything that comes over a mailbox, or over several on one connection, for ever: it comes back as the same receiver, where it was.</summary>
internal static class Listener
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(45); // three heartbeats
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A message is acknowledged when the next one is asked for. Ends when other receivers took all over, or after so many.
    /// </summary>
    /// <param name="http">Its base address is the server; without a time-out.</param>
    /// <param name="mailboxes">Their names.</param>
    /// <param name="watches">Look on (mode=shared): nothing is taken, nothing acknowledged.</param>
    /// <param name="after">Where to begin: a cursor, of several mailboxes their places; <c>now</c>; or null for the oldest kept.</param>
    /// <param name="count">How many messages; 0 for ever.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="MailboxException">A refusal that will not pass; or the last message's ack failed.</exception>
    public static async IAsyncEnumerable<Incoming> ListenAsync(
        HttpClient http, string[] mailboxes, bool watches, string? after, long count, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var client = Commands.Common.ClientOf(http);
        var list = new ListProgress(mailboxes);
        var failures = 0;
        while (true)
        {
            var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, failures)));
            await using (var events = ReadAsync(http, mailboxes, watches, after, cancellation).GetAsyncEnumerator(cancellation))
            {
                while (await NextAsync(events, cancellation) is { } next)
                {
                    failures = 0;
                    pause = TimeSpan.FromSeconds(next.Control == ControlEvents.Unavailable ? 2 : 1);
                    var isNews = list.IsNews(next);
                    if (isNews && next.Control != ControlEvents.Heartbeat)
                    {
                        yield return next;
                    }

                    if (list.HasEnded && next.Mailbox is not null)
                    {
                        yield return new Incoming { Control = ControlEvents.Replaced };
                    }

                    if (list.HasEnded)
                    {
                        yield break; // for good: coming back would fight with the other
                    }

                    after = (mailboxes.Length == 1 ? next.Cursor : next.Places) ?? after;
                    if (isNews && next.Control is null)
                    {
                        var isLast = --count == 0;
                        if (!watches && !await AckAsync(client, next.Mailbox ?? mailboxes[0], next.Cursor!, isLast, cancellation))
                        {
                            yield return new Incoming { Control = ControlEvents.Replaced };
                        }

                        if (isLast)
                        {
                            yield break;
                        }
                    }
                }
            }

            if (++failures == 2)
            {
                yield return new Incoming { Control = ControlEvents.Unavailable, Reason = "the server does not answer" };
            }

            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), cancellation);
        }
    }

    private static async IAsyncEnumerable<Incoming> ReadAsync(
        HttpClient http, string[] mailboxes, bool watches, string? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var query = (watches ? "?mode=shared" : "?ack=client") + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}");
        var path = mailboxes.Length == 1
            ? MailboxRoutes.ForMailbox(mailboxes[0]) + query
            : MailboxRoutes.OpenMany + query + string.Concat(mailboxes.Select(mailbox => $"&m={mailbox}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, ServerCalls.UriAt(http, path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/x-ndjson"));
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        quiet.CancelAfter(Silence);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, quiet.Token);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var problem = await ServerCalls.ProblemOfAsync(response, cancellation);
            yield return problem.ProblemType == ProblemTypes.NotReceiver ? new Incoming { Control = ControlEvents.Replaced }
                : ServerCalls.WillPass(problem.Status) ? new Incoming { Control = ControlEvents.Unavailable, Reason = problem.Message }
                : throw problem;
            yield break;
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(quiet.Token));
        while (await reader.ReadLineAsync(quiet.Token) is { } line)
        {
            quiet.CancelAfter(Silence);
            using var json = JsonDocument.Parse(line);
            yield return Envelope.Parse(json.RootElement);
        }
    }

    /// <summary>Null when the stream ended or broke.</summary>
    private static async Task<Incoming?> NextAsync(IAsyncEnumerator<Incoming> events, CancellationToken cancellation)
    {
        try
        {
            return await events.MoveNextAsync() ? events.Current : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null; // silent for too long
        }
    }

    /// <summary>
    /// An ack covers all before it, and so does coming back with the cursor: one that fails needs no care. But nothing comes
    /// after the last one: when it fails, what was printed stays in the mailbox and comes again.
    /// </summary>
    /// <returns>False when the last one told that another receiver took over.</returns>
    /// <exception cref="MailboxException">The last one failed.</exception>
    private static async Task<bool> AckAsync(
        MailboxClient client, string mailbox, string cursor, bool isLast, CancellationToken cancellation)
    {
        try
        {
            await client.AckAsync(mailbox, cursor, cancellation);
            return true;
        }
        catch (MailboxException refused) when (isLast && refused.ProblemType == ProblemTypes.NotReceiver)
        {
            return false;
        }
        catch (Exception exception) when (!isLast && exception is HttpRequestException or MailboxException)
        {
            return true; // what matters, the stream tells
        }
    }
}
