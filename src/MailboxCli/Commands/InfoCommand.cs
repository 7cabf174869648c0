using System.CommandLine;
using Mailbox.Contracts;

namespace Mailbox.Cli.Commands;

/// <summary><c>mailbox info NAME</c></summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var mailbox = Common.Mailbox();
        var command = new Command("info", "Tells the state of a mailbox.") { mailbox };
        command.SetCall(async (arguments, http, cancellation) =>
        {
            var path = MailboxRoutes.ForInfo(arguments.GetValue(mailbox)!);
            var info = await ServerCalls.CallAsync(http, HttpMethod.Get, path, null, cancellation);
            Common.OutputOf(arguments).Object(info);
            return ExitCodes.Done;
        });
        return command;
    }
}
