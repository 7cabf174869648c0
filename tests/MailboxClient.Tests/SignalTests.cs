using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>Gaps and resets; bodies of every kind.</summary>
public sealed partial class SignalTests(ServerFixture server) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly MailboxClient _client = new(server.Node.BaseAddress.ToString());
    private readonly string _mailbox = Names.Fresh("signal");

    public void Dispose() => _client.Dispose();

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_gap_comes_in_the_sequence_when_asked_for(MailboxTransport transport)
    {
        await DropAsync();
        await using var receiver = Receive(transport);
        var told = new List<string>();
        receiver.GapTold += _ => told.Add("never");
        await foreach (var next in receiver.Events.WithCancellation(Loops.Deadline))
        {
            told.Add(next switch
            {
                MailboxMessage message => message.Text,
                MailboxGap gap => $"{gap.From}-{gap.To} {gap.Reason}",
                _ => next.ToString()!,
            });
            if (told.Count == 3)
            {
                break;
            }
        }

        told.ShouldBe([$"1-2 {GapReasons.Dropped}", "m3", "m4"]);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task Else_a_gap_is_an_event_before_the_message_behind_it(MailboxTransport transport)
    {
        await DropAsync();
        await using var receiver = Receive(transport);
        var gaps = new List<string>();
        receiver.GapTold += gap => gaps.Add($"{gap.Mailbox} {gap.From}-{gap.To}");
        (await receiver.TakeAsync(1)).ShouldBe(["m3"]);
        gaps.ShouldBe([$"{_mailbox} 1-2"]);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_mailbox_that_is_removed_under_the_loop_is_a_reset(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 2);
        await using var receiver = Receive(transport);
        var told = new List<string>();
        await foreach (var next in receiver.Events.WithCancellation(Loops.Deadline))
        {
            told.Add(next is MailboxMessage message ? message.Text : next.ToString()!);
            if (told.Count == 2)
            {
                (await server.Node.Http.DeleteAsync(MailboxRoutes.ForMailbox(_mailbox))).EnsureSuccessStatusCode();
                await _client.SendAsync(_mailbox, 3, 4);
            }

            if (told.Count == 5)
            {
                break;
            }
        }

        told.ShouldBe(["m1", "m2", $"reset ({ResetReasons.Lost})", "m3", "m4"]);
        (await receiver.TakeAsync(1)).ShouldBe(["m4"]); // by a cursor of the new generation
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_mailbox_that_is_removed_before_anything_was_acknowledged_is_a_reset_too(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 1);
        await using var receiver = _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport, Ack = AckMode.Manual });
        var told = new List<string>();
        await foreach (var next in receiver.Events.WithCancellation(Loops.Deadline))
        {
            told.Add(next is MailboxMessage message ? message.Text : next.ToString()!);
            if (told.Count == 1)
            {
                (await server.Node.Http.DeleteAsync(MailboxRoutes.ForMailbox(_mailbox))).EnsureSuccessStatusCode();
                await _client.SendAsync(_mailbox, 2, 2);
            }

            if (told.Count == 3)
            {
                break;
            }
        }

        told.ShouldBe(["m1", $"reset ({ResetReasons.Lost})", "m2"]);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task Every_body_arrives_as_it_was(MailboxTransport transport)
    {
        byte[][] bodies = [[], "line\r\nends\r\n"u8.ToArray(), [0xff, 0x00, 0x0a], "ünï \"quoted\" \\ 🙂"u8.ToArray()];
        foreach (var body in bodies)
        {
            await _client.SendAsync(_mailbox, body, new SendOptions { ContentType = "text/plain", Type = "t.y" }, Loops.Deadline);
        }

        await _client.SendAsync(_mailbox, """{"a":[1,"x"]}"""u8.ToArray(), new SendOptions { ContentType = "application/json" }, Loops.Deadline);
        await _client.SendAsync(_mailbox, "\"text\""u8.ToArray(), new SendOptions { ContentType = "application/problem+json" }, Loops.Deadline);
        await using var receiver = Receive(transport);
        var taken = await receiver.HoldAsync(6, _ => Task.CompletedTask);
        for (var i = 0; i < bodies.Length; i++)
        {
            taken[i].Body.ToArray().ShouldBe(bodies[i]);
            taken[i].ContentType.ShouldBe("text/plain");
            taken[i].Type.ShouldBe("t.y");
            taken[i].Time!.Value.ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
        }

        Encoding.UTF8.GetString(taken[4].Body.Span).ShouldBe("""{"a":[1,"x"]}""");
        taken[5].Text.ShouldBe("\"text\"");
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task Values_come_typed_and_one_that_is_none_can_be_passed_over(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, new Order(1, "tea"), Json.Default.Order, cancellationToken: Loops.Deadline);
        await _client.SendAsync(_mailbox, "no order", cancellationToken: Loops.Deadline);
        await _client.SendAsync(_mailbox, new Order(3, "milk"), Json.Default.Order, cancellationToken: Loops.Deadline);
        await using var receiver = _client.ReceiveAsync(_mailbox, Json.Default.Order, new ReceiverOptions { Transport = transport });
        var taken = new List<Order>();
        var bad = await Should.ThrowAsync<MailboxBodyException>(TakeAsync);
        taken.ShouldBe([new Order(1, "tea")]);
        bad.RawMessage.Text.ShouldBe("no order");
        bad.InnerException.ShouldBeOfType<JsonException>();

        (await Should.ThrowAsync<MailboxBodyException>(TakeAsync)).RawMessage.Id.ShouldBe(bad.RawMessage.Id);
        await bad.RawMessage.AckAsync(Loops.Deadline);
        await TakeAsync();
        taken.ShouldBe([new Order(1, "tea"), new Order(3, "milk")]);

        async Task TakeAsync()
        {
            await foreach (var message in receiver.WithCancellation(Loops.Deadline))
            {
                taken.Add(message.Value);
                if (message.Value.Number == 3)
                {
                    break;
                }
            }
        }
    }

    [Fact]
    public async Task A_value_whose_own_code_throws_comes_with_its_message()
    {
        await _client.SendAsync(_mailbox, """{"Number":0}""", cancellationToken: Loops.Deadline);
        await using var receiver = _client.ReceiveAsync(_mailbox, Json.Default.Picky);
        var bad = await Should.ThrowAsync<MailboxBodyException>(async () =>
        {
            await foreach (var message in receiver.WithCancellation(Loops.Deadline))
            {
                message.ShouldBeNull();
            }
        });
        bad.InnerException.ShouldBeOfType<ArgumentException>();
        await bad.RawMessage.AckAsync(Loops.Deadline);
        (await server.PeekAsync(_mailbox)).ShouldBeEmpty();
    }

    private MailboxReceiver Receive(MailboxTransport transport) =>
        _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });

    /// <summary>Of four messages the first two leave before anybody comes.</summary>
    private async Task DropAsync()
    {
        using var settings = new StringContent("""{"maxMessages":2,"overflow":"dropOldest"}""", Encoding.UTF8, "application/json");
        (await server.Node.Http.PutAsync(MailboxRoutes.ForMailbox(_mailbox), settings)).EnsureSuccessStatusCode();
        await _client.SendAsync(_mailbox, 1, 4);
    }

    internal sealed record Order(int Number, string What);

    internal sealed class Picky
    {
        public int Number
        {
            get;
            set => field = value > 0 ? value : throw new ArgumentException("It is more than 0.");
        }
    }

    [JsonSerializable(typeof(Order))]
    [JsonSerializable(typeof(Picky))]
    internal sealed partial class Json : JsonSerializerContext;
}
