using System.Globalization;
using Mailbox.Contracts;
using Mailbox.Fuzz.Throwing;
using Mailbox.TestKit;

namespace Mailbox.Fuzz.Running;

/// <summary>
/// Two mailboxes that no input names: one that is open the whole time, and gets what is delivered to it in order; one that
/// is closed, and in which nothing changes.
/// </summary>
internal sealed class Canary : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Site _site;
    private readonly string _open;
    private readonly IReceiver _receiver;
    private readonly string _closed;
    private readonly string _digest;
    private int _count;

    private Canary(Site site, string open, IReceiver receiver, string closed, string digest) =>
        (_site, _open, _receiver, _closed, _digest) = (site, open, receiver, closed, digest);

    public static async Task<Canary> StartAsync(Site site)
    {
        var (open, closed) = (Names.Fresh("canary"), Names.Fresh("closed"));
        using var settings = new StringContent("""{"timeToLive":86400}""");
        using var created = await site.AnyNode().Http.PutAsync(new Uri(MailboxRoutes.ForMailbox(closed), UriKind.Relative), settings);
        created.EnsureSuccessStatusCode();
        await DeliverAsync(site, closed, "untouched");
        var receiver = await Receivers.SseAsync(site.AnyNode().BaseAddress, open, new ReceiverOptions { Ack = "client", Deadline = Patience });
        await receiver.NextAsync(Patience);
        return new Canary(site, open, receiver, closed, await DigestAsync(site, closed));
    }

    /// <exception cref="FindingException">Something else was disturbed.</exception>
    public async Task SingsAsync()
    {
        for (var i = 0; i < 3; i++)
        {
            await DeliverAsync(_site, _open, (_count + i).ToString(CultureInfo.InvariantCulture));
        }

        for (var i = 0; i < 3; i++)
        {
            var next = await _receiver.NextAsync(Patience);
            if (next.Kind != ReceivedKind.Message || next.Text != (_count + i).ToString(CultureInfo.InvariantCulture))
            {
                throw new FindingException($"The canary was to get {_count + i}, and got {next}.");
            }
        }

        _count += 3;
        await _receiver.AckAsync(_receiver.LastCursor!);
        if (await DigestAsync(_site, _closed) != _digest)
        {
            throw new FindingException("A mailbox that no input names has changed.");
        }
    }

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    private static async Task DeliverAsync(Site site, string mailbox, string body)
    {
        using var content = new StringContent(body);
        using var response = await site.AnyNode().Http.PostAsync(new Uri(MailboxRoutes.ForMessages(mailbox), UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
    }

    private static async Task<string> DigestAsync(Site site, string mailbox)
    {
        var digests = (object?[])(await site.Redis.ExecuteAsync("DEBUG", "DIGEST-VALUE", $"mailbox:{{{mailbox}}}", $"mailbox:{{{mailbox}}}:messages"))!;
        return string.Join(' ', digests.Select(RedisCli.TextOf));
    }
}
