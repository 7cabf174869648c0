using System.Buffers;
using Mailbox.Endpoints;

namespace Mailbox.Proxy;

/// <summary>An answer's body that was read to its end, and is counted among the bodies that the node holds until it is disposed.</summary>
internal sealed class WholeAnswer : IDisposable
{
    private readonly BodyBudget _budget;
    private long _held;

    private WholeAnswer(BodyBudget budget) => _budget = budget;

    /// <summary>As it came.</summary>
    public byte[] Raw { get; private set; } = [];

    /// <summary>Without its encoding.</summary>
    public byte[] Plain { get; private set; } = [];

    /// <exception cref="ProblemException">502: it is over the limit, or broke off. 503: there is no room for it.</exception>
    /// <exception cref="OperationCanceledException">It did not come to its end in time.</exception>
    public static async Task<WholeAnswer> ReadAsync(
        HttpContent content, BodyEncoding encoding, int limit, BodyBudget budget, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > limit)
        {
            throw new ProblemException(ProxyProblems.TooLarge(limit));
        }

        var answer = new WholeAnswer(budget);
        try
        {
            await answer.ReadAsync(content, limit, cancellation);
            answer.Plain = encoding == BodyEncoding.Identity ? answer.Raw : EncodedBody.Decode(answer.Raw, encoding, limit);
            return answer;
        }
        catch (Exception exception)
        {
            answer.Dispose();
            throw exception switch
            {
                ProblemException { Problem.Status: < 500 } damaged => new ProblemException(ProxyProblems.Of(damaged.Problem)),
                IOException or HttpRequestException => new ProblemException(ProxyProblems.Broken),
                _ => exception,
            };
        }
    }

    public void Dispose() => _budget.Return(Interlocked.Exchange(ref _held, 0));

    private async Task ReadAsync(HttpContent content, int limit, CancellationToken cancellation)
    {
        const int Least = 4 * 1024;
        var body = new ArrayBufferWriter<byte>(Least);
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        int read;
        do
        {
            read = await stream.ReadAsync(body.GetMemory(Least), cancellation);
            body.Advance(read);
            if (body.WrittenCount > limit)
            {
                throw new ProblemException(ProxyProblems.TooLarge(limit));
            }

            _budget.Take(read);
            _held += read;
        }
        while (read > 0);
        Raw = body.WrittenSpan.ToArray();
    }
}
