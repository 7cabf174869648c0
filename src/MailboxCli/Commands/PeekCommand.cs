using System.CommandLine;
using Mailbox.Contracts;

namespace Mailbox.Cli.Commands;

/// <summary><c>mailbox peek NAME</c></summary>
internal static class PeekCommand
{
    private const int MostAtOnce = 1000;

    public static Command Create()
    {
        var mailbox = Common.Mailbox();
        var after = new Option<string?>("--after") { Description = "Only what comes after this message.", HelpName = "id" };
        var limit = Common.Number("--limit", "n", 1, "At most so many messages. Default: all.");
        var command = new Command("peek", "Prints what waits, and leaves it there.") { mailbox, after, limit };
        command.SetCall(async (arguments, http, cancellation) =>
        {
            var output = Common.OutputOf(arguments);
            var path = MailboxRoutes.ForMessages(arguments.GetValue(mailbox)!);
            var left = arguments.GetValue(limit) ?? long.MaxValue;
            var place = arguments.GetValue(after);
            do
            {
                var query = $"?limit={Math.Min(left, MostAtOnce)}" + (place is null ? "" : $"&after={Uri.EscapeDataString(place)}");
                var page = await ServerCalls.CallAsync(http, HttpMethod.Get, path + query, null, cancellation);
                foreach (var message in ServerCalls.ArrayOf(page, "messages"))
                {
                    output.Message(Envelope.Parse(message));
                    left--;
                }

                place = page.TryGetProperty("next", out var next) ? ServerCalls.TextOf(next) : null;
            }
            while (place is not null && left > 0);
            return ExitCodes.Done;
        });
        return command;
    }
}
