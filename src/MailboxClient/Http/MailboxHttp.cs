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

    /// <summary>Returns when the answer is there; its headers, if it is not to be buffered. <paramref name="create"/> is called for each attempt.</summary>
    /// <exception cref="MailboxException">Refused; or no answer in time, with status 0.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> create, TimeSpan timeout, CancellationToken cancellation, bool isBuffered = true)
    {
        for (var isRefresh = false; ; isRefresh = true)
        {
            using var request = create();
            request.Headers.Authorization = await AuthorizationAsync(isRefresh, cancellation).ConfigureAwait(false);
            var response = await AnswerAsync(request, timeout, isBuffered, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if (response.StatusCode == HttpStatusCode.Unauthorized && options.Token is not null && !isRefresh)
                {
                    continue;
                }

                throw await Refusals.ReadAsync(response, cancellation).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask<AuthenticationHeaderValue?> AuthorizationAsync(bool isRefresh, CancellationToken cancellation) =>
        options.Token is not null && await options.Token(new TokenRequest(isRefresh), cancellation).ConfigureAwait(false) is { } token
            ? new AuthenticationHeaderValue("Bearer", token)
            : null;

    private async Task<HttpResponseMessage> AnswerAsync(
        HttpRequestMessage request, TimeSpan timeout, bool isBuffered, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(timeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            return await client.SendAsync(
                request,
                isBuffered ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead,
                either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new MailboxException(0, null, $"No answer within {timeout}.", exception);
        }
        catch (HttpRequestException exception)
        {
            throw new MailboxException(0, null, exception.Message, exception);
        }
    }
}
