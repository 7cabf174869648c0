using System.Collections.Concurrent;
using System.Text;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Samples;

/// <summary>Producers of three languages, by each of the three doors, into one mailbox at the same time.</summary>
public sealed class ManyLanguages(Cluster cluster)
{
    private const int Each = 500;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task All_that_producers_of_several_languages_deliver_arrives_in_the_order_of_each()
    {
        var mailbox = Names.Fresh("languages");
        (await cluster.A.PutAsync(mailbox, """{"maxMessages":100000,"maxBytes":67108864}""")).Status.ShouldBe(201);
        var expected = new ConcurrentDictionary<string, IReadOnlyList<string>>();

        var producers = DeliverTests.OfLines.Select((sample, i) => RunSampleAsync(sample, i))
            .Concat(Sender.Doors.Select(DeliverAsync)).Append(DeliverByClientAsync()).ToList();
        await using var receiver = await cluster.B.OpenAsync(
            Way.Ndjson, mailbox, new ReceiverOptions { Ack = "client", Window = 1000 });
        var received = await ReceiveAsync(receiver, producers.Count * Each);
        await Task.WhenAll(producers);

        expected.Count.ShouldBe(11);
        foreach (var (producer, lines) in expected)
        {
            received.Where(text => text.StartsWith(producer + "#", StringComparison.Ordinal)).ShouldBe(lines, producer);
        }

        await receiver.SilenceAsync();
        InterleavedProducers(received).ShouldBeGreaterThan(1, "they delivered at the same time");

        async Task RunSampleAsync(string sample, int i)
        {
            var node = i % 2 == 0 ? cluster.A : cluster.B;
            var (code, output) = await Sample.RunAsync(sample, node.BaseAddress, cluster.Redis, [mailbox], LinesOf(sample));
            code.ShouldBe(0, output);
        }

        async Task DeliverAsync(TransportDoor door)
        {
            await using var sender = cluster.SenderOf(door);
            foreach (var line in LinesOf($".NET {door}"))
            {
                (await sender.SendAsync(mailbox, line)).IsAccepted.ShouldBeTrue();
            }
        }

        async Task DeliverByClientAsync()
        {
            var client = new Client.MailboxClient(cluster.B.Http);
            foreach (var line in LinesOf("MailboxClient"))
            {
                await client.SendAsync(mailbox, Encoding.UTF8.GetBytes(line));
            }
        }

        IReadOnlyList<string> LinesOf(string producer) =>
            expected.GetOrAdd(producer, [.. Enumerable.Range(1, Each).Select(i => $"{producer}#{i}")]);
    }

    private static async Task<List<string>> ReceiveAsync(IReceiver receiver, int count)
    {
        var received = new List<string>(count);
        while (received.Count < count)
        {
            var message = await receiver.NextMessageAsync(Deadline);
            received.Add(message.Text);
            if (received.Count % 100 == 0)
            {
                await receiver.AckAsync(message.Cursor!);
            }
        }

        return received;
    }

    /// <summary>Of how many producers the middle of what was received comes.</summary>
    private static int InterleavedProducers(List<string> received) =>
        received.Skip(received.Count / 3).Take(received.Count / 3).Select(text => text.Split('#')[0]).Distinct().Count();
}
