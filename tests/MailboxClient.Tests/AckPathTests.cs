using System.Collections.Concurrent;
using System.IO.Pipelines;
using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>Acknowledgements whose way to the server is broken.</summary>
public sealed class AckPathTests
{
    [Fact]
    public async Task An_acknowledgement_finds_the_address_that_answers_while_the_stream_is_well()
    {
        string? streamHost = null;
        var isLeft = false;
        var stream = new Pipe();
        var acked = new ConcurrentQueue<string>();
        using var server = new FakeServer(async (request, _) =>
        {
            var host = request.RequestUri!.Host;
            if (request.Method == HttpMethod.Get)
            {
                streamHost = host;
                return await FakeServer.EventsAsync(stream, FakeServer.Open("g-0"), FakeServer.Message("g-1"));
            }

            if (!FakeServer.IsAck(request) && !isLeft)
            {
                isLeft = true; // one delivery fails where the stream is, so that everybody goes to the other address
                throw new HttpRequestException("Away.");
            }

            if (!FakeServer.IsAck(request))
            {
                return FakeServer.Json(FakeServer.Stored, 201);
            }

            if (host != streamHost)
            {
                throw new HttpRequestException("Dead.");
            }

            acked.Enqueue(await FakeServer.AckedAsync(request));
            await FakeServer.WriteAsync(stream, FakeServer.Message("g-2"));
            return FakeServer.Status(204);
        });
        using var client = server.NewClient(o =>
        {
            o.BaseAddresses.Add(new Uri("http://one.test"));
            o.BaseAddresses.Add(new Uri("http://two.test"));
        });
        await using var receiver = client.ReceiveAsync("a", new ReceiverOptions { Window = 1 });
        var taken = new List<string>();
        await foreach (var message in receiver.WithCancellation(Loops.Deadline))
        {
            taken.Add(message.Id);
            if (taken.Count == 2)
            {
                break;
            }

            await client.SendAsync("a", "x", cancellationToken: Loops.Deadline);
        }

        taken.ShouldBe(["g-1", "g-2"]);
        acked.ShouldContain("g-1");
    }
}
