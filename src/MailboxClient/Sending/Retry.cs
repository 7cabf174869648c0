using Mailbox.Client.Diagnostics;
using Mailbox.Client.Http;
using Mailbox.Client.Receiving;
using Mailbox.Contracts;

namespace Mailbox.Client.Sending;

/// <summary>
/// Tries one call again until it is answered, refused for good, or the time is over. A delivery's idempotency key makes that
/// safe; an acknowledgement may be repeated anyway.
/// </summary>
internal sealed class Retry(MailboxHttp http, TimeSpan? time = null)
{
    private readonly Backoff _backoff = http.NewBackoff();
    private readonly long _began = http.Time.GetTimestamp();
    private readonly TimeSpan _time = time ?? http.Options.SendRetryTime;
    private int _untried = http.Options.BaseAddresses.Count;

    /// <exception cref="MailboxException">The last refusal.</exception>
    public async Task<T> RunAsync<T>(Func<Uri, Task<T>> attemptAsync, CancellationToken cancellation)
    {
        while (true)
        {
            var address = http.Addresses.Current;
            try
            {
                return await attemptAsync(address).ConfigureAwait(false);
            }
            catch (MailboxException passing) when (passing.IsTransient)
            {
                http.Addresses.Leave(address);
                if (!await PauseAsync(passing, cancellation).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }

    /// <returns>False when the time is over.</returns>
    public async Task<bool> PauseAsync(MailboxException passing, CancellationToken cancellation)
    {
        // Another address is tried at once, unless what failed is behind them all.
        var isElsewhere = --_untried > 0 && passing.ProblemType != ProblemTypes.StoreUnavailable;
        var pause = isElsewhere ? TimeSpan.Zero : _backoff.Next(passing.RetryAfter);
        if (http.Time.GetElapsedTime(_began) + pause > _time)
        {
            return false;
        }

        ClientLog.Retrying(http.Log, pause.TotalSeconds, passing.Message);
        await Task.Delay(pause, http.Time, cancellation).ConfigureAwait(false);
        return true;
    }
}
