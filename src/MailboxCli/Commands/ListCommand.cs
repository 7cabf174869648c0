using System.CommandLine;
using Mailbox.Contracts;

namespace Mailbox.Cli.Commands;

/// <summary><c>mailbox list</c></summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var prefix = new Option<string?>("--prefix") { Description = "Only those whose name begins so." };
        var command = new Command("list", "Names the mailboxes, in no order. It scans Redis: not for every minute.") { prefix };
        command.SetCall(async (arguments, http, cancellation) =>
        {
            var output = Common.OutputOf(arguments);
            var named = new HashSet<string>(StringComparer.Ordinal); // a name may come on two pages
            string? cursor = null;
            do
            {
                var query = $"?prefix={Uri.EscapeDataString(arguments.GetValue(prefix) ?? "")}" +
                    (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}");
                var page = await ServerCalls.CallAsync(http, HttpMethod.Get, MailboxRoutes.Mailboxes + query, null, cancellation);
                foreach (var name in ServerCalls.ArrayOf(page, "mailboxes").Select(ServerCalls.TextOf).Where(named.Add))
                {
                    output.Name(name);
                }

                cursor = page.TryGetProperty("cursor", out var next) ? ServerCalls.TextOf(next) : null;
            }
            while (cursor is not null);
            return ExitCodes.Done;
        });
        return command;
    }
}
