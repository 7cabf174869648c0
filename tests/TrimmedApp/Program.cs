using System.Text.Json.Serialization;
using Mailbox.Client;
using Microsoft.Extensions.DependencyInjection;

// Sends and receives a value over each transport, and of two mailboxes together; ends with 0 when all have arrived.
var services = new ServiceCollection();
services.AddMailboxClient(o => o.BaseAddresses.Add(new Uri(args[0])));
await using var provider = services.BuildServiceProvider();
var client = provider.GetRequiredService<MailboxClient>();
using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
await using var sender = client.CreateSender();
foreach (var transport in Enum.GetValues<MailboxTransport>())
{
    var mailbox = $"{args[1]}.{transport}";
    await sender.SendAsync(mailbox, "no greeting", cancellationToken: deadline.Token);
    await client.SendAsync(mailbox, new Greeting("hello", 2), Json.Default.Greeting, cancellationToken: deadline.Token);
    await client.SendAsync([mailbox], """{"text":"many","number":3}"""u8.ToArray(), cancellationToken: deadline.Token);
    await using var receiver = client.ReceiveAsync(mailbox, Json.Default.Greeting, new ReceiverOptions { Transport = transport });
    for (var isLast = false; !isLast;)
    {
        try
        {
            await foreach (var message in receiver.WithCancellation(deadline.Token))
            {
                Console.WriteLine($"{transport}: {message.Value.Text} {message.Value.Number}");
                if (message.Value.Number == 3)
                {
                    isLast = true;
                    break;
                }
            }
        }
        catch (MailboxBodyException exception)
        {
            Console.WriteLine($"{transport}: {exception.RawMessage.Text}");
            await exception.RawMessage.AckAsync(deadline.Token);
        }
    }
}

string[] both = [$"{args[1]}.a", $"{args[1]}.b"];
await client.SendAsync(both, """{"text":"both","number":4}"""u8.ToArray(), cancellationToken: deadline.Token);
await using var several = client.ReceiveAsync(both);
var left = both.ToHashSet();
await foreach (var message in several.WithCancellation(deadline.Token))
{
    left.Remove(message.Mailbox);
    if (left.Count == 0)
    {
        Console.WriteLine($"Several: {message.Read(Json.Default.Greeting).Text}");
        break;
    }
}

internal sealed record Greeting(string Text, int Number);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Greeting))]
internal sealed partial class Json : JsonSerializerContext;
