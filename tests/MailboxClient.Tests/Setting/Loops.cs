using Mailbox.Client;

namespace Mailbox.ClientTests;

/// <summary>Loops that end by themselves.</summary>
public static class Loops
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>For a loop in which servers and nodes come and go.</summary>
    public static readonly TimeSpan LongPatience = TimeSpan.FromMinutes(3);

    public static CancellationToken Deadline => new CancellationTokenSource(Patience).Token;

    public static CancellationToken LongDeadline => new CancellationTokenSource(LongPatience).Token;

    public static TheoryData<MailboxTransport> Transports => [.. Enum.GetValues<MailboxTransport>()];

    /// <summary>The texts of so many messages; leaves by <c>break</c>, so that the last is not acknowledged.</summary>
    public static async Task<List<string>> TakeAsync(this MailboxReceiver receiver, int count, CancellationToken? deadline = null)
    {
        var taken = new List<string>();
        await foreach (var message in receiver.WithCancellation(deadline ?? Deadline))
        {
            taken.Add(message.Text);
            if (taken.Count == count)
            {
                break;
            }
        }

        return taken;
    }

    /// <summary>So many messages, which stay in flight: the loop waits until <paramref name="whileOpenAsync"/> is done.</summary>
    public static async Task<List<MailboxMessage>> HoldAsync(
        this MailboxReceiver receiver, int count, Func<List<MailboxMessage>, Task> whileOpenAsync)
    {
        var taken = new List<MailboxMessage>();
        await foreach (var message in receiver.WithCancellation(Deadline))
        {
            taken.Add(message);
            if (taken.Count == count)
            {
                await whileOpenAsync(taken);
                break;
            }
        }

        return taken;
    }

    public static async Task SendAsync(this MailboxClient client, string mailbox, int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            await client.SendAsync(mailbox, $"m{i}", cancellationToken: Deadline);
        }
    }

    public static IEnumerable<string> Texts(int from, int to) => Enumerable.Range(from, to - from + 1).Select(i => $"m{i}");
}
