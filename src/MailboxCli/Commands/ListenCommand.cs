using System.CommandLine;
using System.CommandLine.Parsing;
using Mailbox.Contracts;

namespace Mailbox.Cli.Commands;

/// <summary><c>mailbox listen NAME…</c></summary>
internal static class ListenCommand
{
    public static Command Create()
    {
        var mailboxes = new Argument<string[]>("mailbox")
        {
            Description = "Its name. Several are opened on one connection, and what comes says whose it is.",
            Arity = ArgumentArity.OneOrMore,
        };
        mailboxes.Validators.Add(CheckNames);
        var watches = new Option<bool>("--watch")
        {
            Description = "Look on: take nothing over, take nothing out. Without it this becomes the mailbox's receiver, and what is printed is gone.",
        };
        var after = new Option<string?>("--after")
        {
            Description = "Where to begin: a cursor (of several mailboxes, their 'places'), or 'now' for only what comes. Default: the oldest that is kept.",
            HelpName = "cursor|now",
        };
        var count = Common.Number("--count", "n", 1, "End after so many messages.");
        var command = new Command("listen", "Prints what comes, until Ctrl-C. Comes back by itself when the connection breaks.")
        {
            mailboxes, watches, after, count,
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            using var http = Common.HttpOf(arguments, deadline: null);
            var events = Listener.ListenAsync(
                http,
                arguments.GetValue(mailboxes)!,
                arguments.GetValue(watches),
                arguments.GetValue(after),
                arguments.GetValue(count) ?? 0,
                cancellation);
            var code = await Common.GuardAsync(arguments, () => PrintAsync(events, Common.OutputOf(arguments)), cancellation);
            return code == ExitCodes.Interrupted ? ExitCodes.Done : code; // that is how one ends listening
        });
        return command;
    }

    private static void CheckNames(ArgumentResult result)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in result.Tokens.Select(token => token.Value))
        {
            Common.CheckName(result, name);
            if (!seen.Add(name))
            {
                result.AddError($"'{name}' comes twice.");
            }
        }
    }

    private static async Task<int> PrintAsync(IAsyncEnumerable<Incoming> events, Output output)
    {
        await foreach (var next in events)
        {
            if (next.Control is null)
            {
                output.Message(next);
                continue;
            }

            Output.Control(next);
            if (next is { Control: ControlEvents.Replaced, Mailbox: null })
            {
                return ExitCodes.Replaced;
            }
        }

        return ExitCodes.Done;
    }
}
