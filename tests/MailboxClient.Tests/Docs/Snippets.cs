using System.Text.Json.Serialization;
using Mailbox.Client;
using Mailbox.Client.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mailbox.ClientTests.Docs;

/// <summary>The code of docs/client.md and of the package's readme: each region is one block there, letter by letter.</summary>
internal static class Snippets
{
    public static async Task<string> StartAsync(string address, string name)
    {
        var alice = name;
        #region start
        using var client = new MailboxClient(address);

        await client.SendAsync(alice, "hello");

        await using var receiver = client.ReceiveAsync(alice);
        await foreach (var message in receiver)
        {
            Console.WriteLine(message.Text);
            break;
        }
        #endregion
        return "hello";
    }

    public static async Task TypedAsync(MailboxClient client, List<Order> orders)
    {
        #region typed
        await client.SendAsync("orders", new Order(1, "tea"), OrderJson.Default.Order);

        await using var receiver = client.ReceiveAsync("orders", OrderJson.Default.Order);
        await foreach (var message in receiver)
        {
            orders.Add(message.Value);
            break;
        }
        #endregion
    }

    public static async Task PoisonAsync(
        MailboxReceiver<Order> receiver, Func<Order, Task> handleAsync, Func<MailboxMessage, Task> setAsideAsync, CancellationToken stop)
    {
        #region poison
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await foreach (var message in receiver.WithCancellation(stop))
                {
                    await handleAsync(message.Value);
                }
            }
            catch (MailboxBodyException exception)
            {
                await setAsideAsync(exception.RawMessage);
                await exception.RawMessage.AckAsync(stop);
            }
        }
        #endregion
    }

    public static async Task ParallelAsync(MailboxClient client, Func<MailboxMessage, CancellationToken, Task> handleAsync, CancellationToken stop)
    {
        #region parallel
        await using var receiver = client.ReceiveAsync("work", new ReceiverOptions { Ack = AckMode.Manual, Window = 50 });
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = stop };
        await Parallel.ForEachAsync(receiver, parallel, async (message, cancellation) =>
        {
            await handleAsync(message, cancellation);
            await message.AckAsync(cancellation);
        });
        #endregion
    }

    public static async Task SignalsAsync(MailboxReceiver receiver)
    {
        #region signals
        await foreach (var next in receiver.Events)
        {
            switch (next)
            {
                case MailboxMessage message:
                    Console.WriteLine(message.Text);
                    break;
                case MailboxGap gap:
                    Console.WriteLine($"{gap.To - gap.From + 1} messages will not come: {gap.Reason}");
                    break;
                case MailboxReset reset:
                    Console.WriteLine($"Redis lost something, or may have: {reset.Reason}");
                    break;
            }
        }
        #endregion
    }

    public static async Task SeveralAsync(MailboxClient client)
    {
        #region several
        await using var receiver = client.ReceiveAsync(["alice", "room-7"]);
        receiver.LeftTold += left => Console.WriteLine($"{left.Mailbox} is another receiver's now");
        await foreach (var message in receiver)
        {
            Console.WriteLine($"{message.Mailbox}: {message.Text}");
            if (message.Type == "invitation")
            {
                receiver.Open(message.Text);
            }
        }
        #endregion
    }

    public static async Task ResumeSeveralAsync(
        MailboxClient client, IReadOnlyDictionary<string, string> kept, Func<MailboxMessage, Task> handleAsync)
    {
        #region cursors
        var options = new ListReceiverOptions { After = kept };
        await using var receiver = client.ReceiveAsync(["alice", "room-7"], options);
        await foreach (var message in receiver)
        {
            await handleAsync(message);
            kept = receiver.Cursors;
        }
        #endregion
    }

    public static async Task SenderAsync(MailboxClient client, IEnumerable<string> users)
    {
        #region sender
        await using var sender = client.CreateSender();
        await Task.WhenAll(users.Select(user => sender.SendAsync(user, "The shop is open.")));
        #endregion
    }

    public static async Task ManyAsync(MailboxClient client, ReadOnlyMemory<byte> body)
    {
        #region many
        var results = await client.SendAsync(["alice", "bob"], body);
        foreach (var result in results.Where(result => result.Status >= 400))
        {
            Console.WriteLine($"{result.Mailbox}: {result.Status} {result.Detail}");
        }
        #endregion
    }

    public static void Services(IServiceCollection services, Func<bool, CancellationToken, ValueTask<string?>> tokenAsync)
    {
        #region services
        services.AddMailboxClient(o =>
        {
            o.BaseAddresses.Add(new Uri("https://mailbox-a.example.com"));
            o.BaseAddresses.Add(new Uri("https://mailbox-b.example.com"));
            o.Token = (request, cancellation) => tokenAsync(request.IsRefresh, cancellation);
        });
        services.AddHostedService<OrderWorker>();
        #endregion
    }

    public static async Task GroupAsync(MailboxClient client)
    {
        #region group
        var room = client.Group("room-7");
        await room.JoinAsync("alice");
        await room.JoinAsync("bob", TimeSpan.FromHours(1));
        var told = await room.SendAsync("hello all");
        Console.WriteLine($"{told.State}: {told.Members} members, {told.Full + told.Failed} did not get it");
        await room.LeaveAsync("bob");
        await foreach (var member in room.MembersAsync())
        {
            Console.WriteLine(member.Mailbox);
        }
        #endregion
    }

    public static async Task TestAsync(string pathOfMailboxServer)
    {
        #region testing
        await using var server = await MailboxTestServer.StartAsync(new() { ServerPath = pathOfMailboxServer });
        using var client = server.CreateClient();
        await client.SendAsync("alice", "hello");
        #endregion
    }
}

#region types
internal sealed record Order(int Number, string What);

[JsonSerializable(typeof(Order))]
internal sealed partial class OrderJson : JsonSerializerContext;
#endregion

#region worker
internal sealed class OrderWorker(MailboxClient client) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var receiver = client.ReceiveAsync("orders", OrderJson.Default.Order);
        await foreach (var message in receiver.WithCancellation(stoppingToken))
        {
            Console.WriteLine($"{message.Value.Number}: {message.Value.What}");
        }
    }
}
#endregion
