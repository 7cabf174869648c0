using System.Globalization;
using System.IO.Compression;
using Mailbox.Contracts;
using Mailbox.Endpoints;

namespace Mailbox.Proxy;

/// <summary>
/// Delivers the messages of one answer as they come, each to all of its mailboxes before the next is looked at: that keeps
/// their order and holds no more than one. A caller that may not deliver so fast slows the backend down.
/// </summary>
internal sealed class SplitDelivery(AnswerDeliveries deliveries, CallerRates rates, ProxyRoute route, ForMailboxes said)
{
    private const int MostRefusals = 100;

    private readonly List<DeliverManyResult> _refusals = [];
    private long _messages, _delivered, _notDelivered;

    /// <summary>What became of them, whether or not the answer came to its end.</summary>
    public DeliverSplitResponse Response => new(_messages, _delivered, _notDelivered, _refusals);

    /// <returns>Null when all of the answer was looked at; else why it was left, which tells what was delivered before.</returns>
    /// <exception cref="OperationCanceledException">The caller is gone.</exception>
    public async Task<Problem?> RunAsync(HttpContext http, HttpContent content, int limit, CancellationToken ends)
    {
        try
        {
            await DeliverAsync(http, content, limit, ends);
            return ResultProblems.Of(_refusals, anySucceeded: _delivered > 0);
        }
        catch (ProblemException exception)
        {
            return AfterSome(exception.Problem);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or InvalidDataException)
        {
            return AfterSome(ProxyProblems.Broken);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return AfterSome(ends.IsCancellationRequested ? Problem.Draining : ProxyProblems.Silent);
        }
    }

    private async Task DeliverAsync(HttpContext http, HttpContent content, int limit, CancellationToken ends)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, ends);
        await using var stream = Decoded(await content.ReadAsStreamAsync(until.Token));
        var messages = new SplitMessages(said, stream, limit);
        while (await messages.NextAsync(Armed) is { } message)
        {
            until.CancelAfter(Timeout.InfiniteTimeSpan); // how long the deliveries take is not the backend's silence
            await rates.WaitForDeliveriesAsync(http, said.Recipients, until.Token);
            _messages++;
            Count(await deliveries.DeliverAsync(route.DelivererOf(http), said, message));
        }

        CancellationToken Armed()
        {
            until.CancelAfter(route.Timeout);
            return until.Token;
        }
    }

    /// <exception cref="ProblemException">503: the store does not answer, and the rest would be lost to all.</exception>
    private void Count(DeliverManyResult[] results)
    {
        var refused = results.Where(result => !ResultProblems.IsDelivered(result)).ToList();
        _delivered += results.Length - refused.Count;
        _notDelivered += refused.Count;
        _refusals.AddRange(refused.Take(MostRefusals - _refusals.Count));
        if (refused.Count == results.Length && refused.TrueForAll(result => result.Type == ProblemTypes.StoreUnavailable))
        {
            throw new ProblemException(Problem.StoreUnavailable);
        }
    }

    private Problem AfterSome(Problem problem) => problem with
    {
        Detail = _messages == 0 ? problem.Detail
            : string.Create(CultureInfo.InvariantCulture, $"{_messages} messages came before, with {_delivered} deliveries and {_notDelivered} refusals."),
    };

    private Stream Decoded(Stream stream) => said.Encoding switch
    {
        BodyEncoding.Gzip => new GZipStream(stream, CompressionMode.Decompress),
        BodyEncoding.Deflate => new ZLibStream(stream, CompressionMode.Decompress),
        BodyEncoding.Brotli => new BrotliStream(stream, CompressionMode.Decompress),
        _ => stream,
    };
}
