using System.Diagnostics;

namespace Mailbox.TestKit;

/// <summary>Waits for what comes to be, with a deadline, instead of sleeping.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="condition">Asked again and again; one that throws counts as not yet.</param>
    /// <param name="what">What should come to be, for the message: "the mailbox is empty".</param>
    /// <exception cref="TimeoutException">It did not; the inner exception is what the condition threw last.</exception>
    public static async Task HoldsAsync(
        Func<Task<bool>> condition, TimeSpan timeout, string what, CancellationToken cancellationToken = default)
    {
        var watch = Stopwatch.StartNew();
        Exception? last = null;
        do
        {
            try
            {
                // An attempt that never answers must not outlive the deadline.
                var left = timeout - watch.Elapsed;
                if (await condition().WaitAsync(left > Pause ? left : Pause, cancellationToken))
                {
                    return;
                }

                last = null;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                last = exception;
            }

            await Task.Delay(Pause, cancellationToken);
        }
        while (watch.Elapsed < timeout);

        throw new TimeoutException($"Within {timeout} it did not come to be that {what}. {last?.Message}", last);
    }

    public static Task HoldsAsync(
        Func<bool> condition, TimeSpan timeout, string what, CancellationToken cancellationToken = default) =>
        HoldsAsync(() => Task.FromResult(condition()), timeout, what, cancellationToken);
}
