using System.CommandLine;

namespace Mailbox.Cli.Commands;

/// <summary><c>mailbox ack NAME CURSOR</c></summary>
internal static class AckCommand
{
    public static Command Create()
    {
        var mailbox = Common.Mailbox();
        var cursor = new Argument<string>("cursor") { Description = "What came with a message, such as by an open without an ack of its own." };
        var command = new Command("ack", "Acknowledges everything up to a cursor: it leaves the mailbox.") { mailbox, cursor };
        command.SetCall(async (arguments, http, cancellation) =>
        {
            await Common.ClientOf(http).AckAsync(arguments.GetValue(mailbox)!, arguments.GetValue(cursor)!, cancellation);
            return ExitCodes.Done;
        });
        return command;
    }
}
