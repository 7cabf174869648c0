using System.CommandLine;
using System.Text;
using System.Text.Json;
using Mailbox.Contracts;

namespace Mailbox.Cli.Commands;

/// <summary><c>mailbox revoke</c></summary>
internal static class RevokeCommand
{
    public static Command Create()
    {
        var token = new Option<string?>("--token") { Description = "The id of a token (its jti), or of a ticket.", HelpName = "id" };
        var caller = new Option<string?>("--caller") { Description = "Whose tokens: a sub, or a key's name. All issued until now.", HelpName = "name" };
        var remember = Common.Number("--remember", "seconds", 1, "For how long: as long as such a token may live. Default: a day.", int.MaxValue);
        var command = new Command("revoke", "Ends a token, a ticket, or all that a caller was given until now, before its time.") { token, caller, remember };
        command.Validators.Add(result =>
        {
            if (result.GetValue(token) is null == result.GetValue(caller) is null)
            {
                result.AddError("Either --token or --caller says what is revoked.");
            }
        });
        command.SetCall(async (arguments, http, cancellation) =>
        {
            var request = new RevocationRequest(arguments.GetValue(token), arguments.GetValue(caller), (int?)arguments.GetValue(remember));
            using var content = new StringContent(
                JsonSerializer.Serialize(request, MailboxJsonContext.Default.RevocationRequest), Encoding.UTF8, "application/json");
            await ServerCalls.TellAsync(http, HttpMethod.Post, MailboxRoutes.Revocations, cancellation, content);
            return ExitCodes.Done;
        });
        return command;
    }
}
