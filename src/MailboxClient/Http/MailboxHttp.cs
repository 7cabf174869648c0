using System.Net;
using System.Net.Http.Headers;
using Mailbox.Client.Receiving;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mailbox.Client.Http;

/// <summary>One attempt of a request: token, deadline, and refusals as exceptions.</summary>
internal sealed class MailboxHttp(HttpClient client, MailboxClientOptions options)
{
    public HttpClient Client => client;

    public MailboxClientOptions Options => options;

    public TimeProvider Time => options.TimeProvider;

    public Addresses Addresses { get; } = new(options.BaseAddresses);

    public ILogger Log { get; } = options.LoggerFactory?.CreateLogger("Mailbox.Client") ?? NullLogger.Instance;

    public Backoff NewBackoff() => new(options.RetryDelay, options.MaxRetryDelay);

    /// <summary>Whether who could not receive since then gives up.</summary>
    public bool IsAwayTooLong(long since) =>
        options.ReconnectTime != Timeout.InfiniteTimeSpan && Time.GetElapsedTime(since) >= options.ReconnectTime;

    /// <summary>The timestamp after such a pause.</summary>
    public long TimestampIn(TimeSpan pause) => Time.GetTimestamp() + (long)(pause.TotalSeconds * Time.TimestampFrequency);

    /// <summary>Returns when the answer is there; its headers, if it is not to be buffered. <paramref name="create"/> is called for each attempt.</summary>
    /// <exception cref="MailboxException">Refused; or no answer in time, with status 0.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> create, TimeSpan timeout, CancellationToken cancellation, bool isBuffered = true)
    {
        for (var isRefresh = false; ; isRefresh = true)
        {
            var isLast = isRefresh || options.Token is null;
            var response = await AttemptAsync(
                either => AnswerAsync(create, isRefresh, isLast, isBuffered, either), timeout, cancellation).ConfigureAwait(false);
            if (response is not null)
            {
                return response;
            }
        }
    }

    /// <summary>One attempt with a deadline. What the network says is a <see cref="MailboxException"/> that passes.</summary>
    public async Task<T> AttemptAsync<T>(Func<CancellationToken, Task<T>> attemptAsync, TimeSpan timeout, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(timeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            return await attemptAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new MailboxException(0, null, $"No answer within {timeout}.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new MailboxException(0, null, exception.Message, exception);
        }
    }

    /// <summary>Who asks somebody else for the token may wait for ever, and need not heed what cancels it.</summary>
    public async Task<AuthenticationHeaderValue?> AuthorizationAsync(bool isRefresh, CancellationToken cancellation) =>
        options.Token is not null &&
        await options.Token(new TokenRequest(isRefresh), cancellation).AsTask().WaitAsync(cancellation).ConfigureAwait(false) is { } token
            ? new AuthenticationHeaderValue("Bearer", token)
            : null;

    /// <returns>Null: a fresh token may help.</returns>
    private async Task<HttpResponseMessage?> AnswerAsync(
        Func<HttpRequestMessage> create, bool isRefresh, bool isLast, bool isBuffered, CancellationToken either)
    {
        using var request = create();
        request.Headers.Authorization = await AuthorizationAsync(isRefresh, either).ConfigureAwait(false);

        // Its headers first, also when all is wanted: the status of a refusal whose body does not come says what is the matter.
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either).ConfigureAwait(false);
        try
        {
            if (!response.IsSuccessStatusCode)
            {
                return response.StatusCode == HttpStatusCode.Unauthorized && !isLast
                    ? null
                    : throw await Refusals.ReadAsync(response, either).ConfigureAwait(false);
            }

            if (isBuffered)
            {
                await response.Content.LoadIntoBufferAsync(either).ConfigureAwait(false);
            }

            var answer = response;
            response = null;
            return answer;
        }
        finally
        {
            response?.Dispose();
        }
    }
}
