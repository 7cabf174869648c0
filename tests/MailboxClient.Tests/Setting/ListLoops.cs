using Mailbox.Client;

namespace Mailbox.ClientTests;

/// <summary>Loops over several mailboxes that end by themselves.</summary>
internal static class ListLoops
{
    public static string[] Fresh(int count, string prefix) =>
        [.. Enumerable.Range(0, count).Select(i => TestKit.Names.Fresh($"{prefix}-{i:d2}"))];

    /// <summary>So many messages, each with its mailbox; leaves by <c>break</c>, so that the last is not acknowledged.</summary>
    public static async Task<List<(string Mailbox, string Text)>> TakeAsync(
        this MailboxListReceiver receiver, int count, CancellationToken? deadline = null)
    {
        var taken = new List<(string, string)>();
        await foreach (var message in receiver.WithCancellation(deadline ?? Loops.Deadline))
        {
            taken.Add((message.Mailbox, message.Text));
            if (taken.Count == count)
            {
                break;
            }
        }

        return taken;
    }

    public static string[] TextsOf(this IEnumerable<(string Mailbox, string Text)> taken, string mailbox) =>
        [.. taken.Where(one => one.Mailbox == mailbox).Select(one => one.Text)];
}
