using System.CommandLine;
using System.Text;
using System.Text.Json;
using Mailbox.Contracts;

namespace Mailbox.Cli.Commands;

/// <summary><c>mailbox ticket NAME</c></summary>
internal static class TicketCommand
{
    public static Command Create()
    {
        var mailbox = Common.Mailbox();
        var isShared = new Option<bool>("--watch") { Description = "For a watcher, which takes the mailbox from nobody." };
        var lifetime = Common.Number("--lifetime", "seconds", 1, "How long its stream may last. Default: an hour.", int.MaxValue);
        var command = new Command("ticket", "Makes a ticket: it lets one client that can send no header open a mailbox.") { mailbox, isShared, lifetime };
        command.SetCall(async (arguments, http, cancellation) =>
        {
            var request = new TicketRequest(
                arguments.GetValue(mailbox)!, arguments.GetValue(isShared) ? "shared" : null, (int?)arguments.GetValue(lifetime));
            using var content = new StringContent(
                JsonSerializer.Serialize(request, MailboxJsonContext.Default.TicketRequest), Encoding.UTF8, "application/json");
            Common.OutputOf(arguments).Object(await ServerCalls.CallAsync(http, HttpMethod.Post, MailboxRoutes.Tickets, content, cancellation));
            return ExitCodes.Done;
        });
        return command;
    }
}
