using System.CommandLine;
using Mailbox.Contracts;

namespace Mailbox.Cli.Commands;

/// <summary><c>mailbox remove NAME [ID]</c></summary>
internal static class RemoveCommand
{
    public static Command Create()
    {
        var mailbox = Common.Mailbox();
        var id = new Argument<string?>("id") { Description = "One message: it is taken back.", Arity = ArgumentArity.ZeroOrOne };
        // As the last part of a path such an id would name the mailbox itself, to be removed whole.
        id.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[0].Value is "" or "." or "..")
            {
                result.AddError("That is no message's id.");
            }
        });
        var command = new Command("remove", "Removes a mailbox with all that it holds, or one message of it.") { mailbox, id };
        command.SetCall(async (arguments, http, cancellation) =>
        {
            var name = arguments.GetValue(mailbox)!;
            var path = arguments.GetValue(id) is { } message
                ? MailboxRoutes.ForMessage(name, Uri.EscapeDataString(message))
                : MailboxRoutes.ForMailbox(name);
            await ServerCalls.TellAsync(http, HttpMethod.Delete, path, cancellation);
            return ExitCodes.Done;
        });
        return command;
    }
}
