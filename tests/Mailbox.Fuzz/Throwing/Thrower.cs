using Mailbox.Contracts;
using Mailbox.Fuzz.Families;
using Mailbox.Fuzz.Inputs;
using Mailbox.Fuzz.Running;
using Mailbox.TestKit;

namespace Mailbox.Fuzz.Throwing;

/// <summary>Throws one input in by its door, and sees that the mailbox can be used, or at least removed, afterwards.</summary>
internal sealed class Thrower(Site site)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <exception cref="FindingException">The server did what it must not.</exception>
    public async Task ThrowAsync(Input input, Subject subject)
    {
        var node = site.AnyNode();
        switch (input.Kind)
        {
            case InputKind.Http:
                await HttpAsync(node.BaseAddress, Template.Fill(input.Bytes, subject, node.BaseAddress));
                break;
            case InputKind.Entry:
                await EntryAsync(node, input.Bytes);
                break;
            case InputKind.Damage:
                await new Damage(site).DoAsync(subject, System.Text.Encoding.Latin1.GetString(input.Bytes));
                await CallsAsync(node.BaseAddress, subject);
                await RemovesAsync(node, subject.Name);
                break;
            case InputKind.Frames:
                await Frames.SendAsync(node.BaseAddress, subject.Name, input.Bytes);
                break;
            default:
                await FunctionAsync(subject, System.Text.Encoding.Latin1.GetString(input.Bytes).Split(FunctionFamily.Separator));
                break;
        }
    }

    private static async Task HttpAsync(Uri node, byte[] request)
    {
        var (read, _) = await Exchange.RunAsync(node, request, Answers.AreWhole);
        IReadOnlyList<RawResponse> responses;
        try
        {
            responses = await RawResponses.ParseAsync(read);
        }
        catch (Exception exception) when (exception is FormatException or IndexOutOfRangeException)
        {
            throw new FindingException($"No HTTP: {exception.Message}");
        }

        foreach (var response in responses)
        {
            Judge.Check(response);
        }
    }

    /// <summary>What anyone pushed is a message or a gap, and blocks nobody: what comes behind it arrives.</summary>
    private async Task EntryAsync(MailboxNode node, byte[] entry)
    {
        var mailbox = Names.Fresh("entry");
        if (entry.Length % 2 == 0)
        {
            await DeliverAsync(node, mailbox, "before"); // or the list begins with it
        }

        await site.Redis.ExecuteAsync("RPUSH", $"mailbox:{{{mailbox}}}:messages", entry);
        await HttpAsync(node.BaseAddress, Template.Fill(
            Requests.Of("", "GET", "/v1/mailboxes/" + mailbox + "/messages", []).Bytes, new Subject(mailbox, "", "", ""), node.BaseAddress));
        await DeliverAsync(node, mailbox, "behind");
        var transport = Receivers.Transports[entry.Length % Receivers.Transports.Count];
        await using var receiver = await Receivers.OpenAsync(transport, site.AnyNode().BaseAddress, mailbox, new ReceiverOptions { Ack = "client", Deadline = Patience });
        try
        {
            while (true)
            {
                var next = await receiver.NextAsync(Patience);
                if (next.Kind == ReceivedKind.End)
                {
                    throw new FindingException($"{transport} ended before what is behind.");
                }

                if (next.Kind == ReceivedKind.Message && next.Text == "behind")
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException or FormatException)
        {
            throw new FindingException($"{transport}: {exception}");
        }
    }

    private static async Task CallsAsync(Uri node, Subject subject)
    {
        // Removing, the last but a few, is by itself.
        foreach (var (method, target, accept) in Requests.Calls.Where(call => call.Target.Contains("{m}", StringComparison.Ordinal) && call is not ("DELETE", "/v1/mailboxes/{m}", _)))
        {
            string[] headers = method == "POST" && target.EndsWith("/messages", StringComparison.Ordinal)
                ? ["Accept: " + accept, "Topic: t", "Idempotency-Key: k"]
                : ["Accept: " + accept];
            await HttpAsync(node, Template.Fill(Requests.Of("", method, target, headers, Requests.BodyFor(method, target)).Bytes, subject, node));
        }
    }

    /// <summary>Removing a mailbox is the remedy for everything.</summary>
    private async Task RemovesAsync(MailboxNode node, string mailbox)
    {
        using var removed = await node.Http.DeleteAsync(new Uri(MailboxRoutes.ForMailbox(mailbox), UriKind.Relative));
        if ((int)removed.StatusCode != 204)
        {
            throw new FindingException($"A damaged mailbox is not removed: {(int)removed.StatusCode} {await removed.Content.ReadAsStringAsync()}");
        }

        await DeliverAsync(site.AnyNode(), mailbox, "anew");
    }

    private static async Task DeliverAsync(MailboxNode node, string mailbox, string body)
    {
        using var content = new StringContent(body);
        using var response = await node.Http.PostAsync(new Uri(MailboxRoutes.ForMessages(mailbox), UriKind.Relative), content);
        if ((int)response.StatusCode is not (201 or 202))
        {
            throw new FindingException($"A good delivery is refused: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }

    private async Task FunctionAsync(Subject subject, string[] arguments)
    {
        var hash = $"mailbox:{{{subject.Name}}}";
        object[] call = ["FCALL", "mailbox_deliver", 3, hash, hash + ":messages", hash + ":index", .. arguments.Select(System.Text.Encoding.Latin1.GetBytes)];
        try
        {
            await site.Redis.ExecuteAsync(call);
        }
        catch (RedisErrorException error) when (error.Message.StartsWith("MAILBOX invalid ", StringComparison.Ordinal))
        {
            // Refused, as it is written.
        }
        catch (RedisErrorException error)
        {
            throw new FindingException($"The function fails: {error.Message}");
        }
    }
}
