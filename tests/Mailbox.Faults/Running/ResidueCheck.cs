using Mailbox.Faults.Histories;
using Mailbox.TestKit;

namespace Mailbox.Faults.Running;

/// <summary>What a run must not leave behind when its clients have gone: subscriptions, and keys without an end.</summary>
internal static class ResidueCheck
{
    /// <summary>Three thousand sessions leave one after the other, and a disk is synchronised for each.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(RedisPlace redis, IReadOnlyList<string> mailboxes, History history)
    {
        var own = mailboxes.Select(mailbox => $"mailbox:{{{mailbox}}}:wake").ToHashSet();
        foreach (var server in redis.Servers.Where(server => server.IsRunning))
        {
            IReadOnlyList<string> channels = [];
            try
            {
                await Eventually.HoldsAsync(
                    async () => (channels = [.. (await server.ChannelsAsync("mailbox:*:wake")).Where(own.Contains)]).Count == 0,
                    Patience,
                    "every subscription is gone");
            }
            catch (TimeoutException)
            {
                history.Add(new Residue("subscription", $"{channels.Count} channels, {string.Join(' ', channels.Take(3))}"));
            }

            // The node's own keys are not those of a mailbox: they have no hash tag.
            foreach (var key in (await server.KeysWithoutEndAsync()).Where(key => key.Contains('{', StringComparison.Ordinal)))
            {
                history.Add(new Residue("key", key));
            }
        }
    }
}
