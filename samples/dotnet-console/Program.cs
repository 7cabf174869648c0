using System.Text.Json;
using Mailbox.Client;

// Delivers each line of the standard input, or receives a mailbox: docs/client.md.
//
//     printf 'one\ntwo\n' | dotnet run --project samples/dotnet-console -- deliver alice
//     dotnet run --project samples/dotnet-console -- receive alice
//
// Receiving prints each message as one line of JSON; what happens beside messages goes to the standard error.
if (args is not ["deliver" or "receive", _])
{
    await Console.Error.WriteLineAsync("deliver NAME, or receive NAME");
    return 2;
}

var (what, mailbox) = (args[0], args[1]);
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
using var client = new MailboxClient(Environment.GetEnvironmentVariable("MAILBOX_SERVER") ?? "http://127.0.0.1:8080");
try
{
    await (what == "deliver" ? DeliverAsync() : ReceiveAsync());
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
catch (MailboxReplacedException)
{
    // For good: coming back would fight with the other.
    Tell("replaced: another receiver has the mailbox");
    return 0;
}
catch (MailboxException refused)
{
    Tell($"{refused.Status} {refused.ProblemType} {refused.Message}");
    return 1;
}

// Each is stored once, also when an answer is lost: the client tries again with the key that it gave the message.
async Task DeliverAsync()
{
    while (await Console.In.ReadLineAsync(stop.Token) is { } line)
    {
        Console.WriteLine((await client.SendAsync(mailbox, line, cancellationToken: stop.Token)).Id);
    }
}

// A message is acknowledged when the next one is asked for, so one whose handling fails is received again.
async Task ReceiveAsync()
{
    await using var receiver = client.ReceiveAsync(mailbox);
    receiver.StateChanged += state => Tell(state == ReceiverState.Connected ? "open" : state.ToString());
    await foreach (var next in receiver.Events.WithCancellation(stop.Token))
    {
        switch (next)
        {
            case MailboxMessage message:
                Console.WriteLine(JsonSerializer.Serialize(new { id = message.Id, type = message.Type, data = message.Text }));
                break;
            case MailboxGap gap:
                Tell($"gap: {gap.From} to {gap.To} will not come ({gap.Reason})");
                break;
            case MailboxReset reset:
                Tell($"reset: {reset.Reason}");
                break;
        }
    }
}

static void Tell(string what) => Console.Error.WriteLine(what);
