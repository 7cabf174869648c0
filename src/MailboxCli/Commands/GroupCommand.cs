using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Mailbox.Contracts;

namespace Mailbox.Cli.Commands;

/// <summary><c>mailbox group join|leave|list|remove GROUP …</c></summary>
internal static class GroupCommand
{
    public static Command Create() => new("group", "Who is a member of a group. `mailbox send --group NAME` delivers to all of them.")
    {
        Join(), Leave(), List(), Remove(),
    };

    private static Command Join()
    {
        var (group, mailbox) = (Group(), Common.Mailbox());
        var life = Common.Number("--life", "seconds", 1, "When the membership ends by itself. Default: never.", 31_536_000);
        var command = new Command("join", "Makes a mailbox a member.") { group, mailbox, life };
        command.SetCall(async (arguments, http, cancellation) =>
        {
            var path = MailboxRoutes.ForGroupMember(arguments.GetValue(group)!, arguments.GetValue(mailbox)!);
            var headers = arguments.GetValue(life) is { } seconds
                ? [(MailboxHeaders.TimeToLive, seconds.ToString(CultureInfo.InvariantCulture))]
                : Array.Empty<(string, string)>();
            Common.OutputOf(arguments).Object(await ServerCalls.CallAsync(http, HttpMethod.Put, path, null, cancellation, headers));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Leave()
    {
        var (group, mailbox) = (Group(), Common.Mailbox());
        var command = new Command("leave", "Takes a mailbox out.") { group, mailbox };
        command.SetCall(async (arguments, http, cancellation) =>
        {
            await ServerCalls.TellAsync(
                http, HttpMethod.Delete, MailboxRoutes.ForGroupMember(arguments.GetValue(group)!, arguments.GetValue(mailbox)!), cancellation);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command List()
    {
        var group = Group();
        var command = new Command("list", "Names the members, in no order.") { group };
        command.SetCall(async (arguments, http, cancellation) =>
        {
            var output = Common.OutputOf(arguments);
            var named = new HashSet<string>(StringComparer.Ordinal); // one may come on two pages
            string? cursor = null;
            do
            {
                var query = "?limit=1000" + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}");
                var page = await ServerCalls.CallAsync(http, HttpMethod.Get, MailboxRoutes.ForGroup(arguments.GetValue(group)!) + query, null, cancellation);
                foreach (var member in ServerCalls.ArrayOf(page, "page"))
                {
                    var name = member.ValueKind == JsonValueKind.Object && member.TryGetProperty("mailbox", out var mailbox)
                        ? ServerCalls.TextOf(mailbox)
                        : throw new JsonException("It has a member without a name.");
                    if (named.Add(name))
                    {
                        output.Name(name);
                    }
                }

                cursor = page.TryGetProperty("cursor", out var next) ? ServerCalls.TextOf(next) : null;
            }
            while (cursor is not null);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Remove()
    {
        var group = Group();
        var command = new Command("remove", "Removes a group, with what has not reached its members yet.") { group };
        command.SetCall(async (arguments, http, cancellation) =>
        {
            await ServerCalls.TellAsync(http, HttpMethod.Delete, MailboxRoutes.ForGroup(arguments.GetValue(group)!), cancellation);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Argument<string> Group()
    {
        var group = new Argument<string>("group") { Description = "Its name." };
        group.Validators.Add(result =>
        {
            if (!MailboxName.IsValid(result.GetValueOrDefault<string>()))
            {
                result.AddError($"'{result.GetValueOrDefault<string>()}' is no group's name.");
            }
        });
        return group;
    }
}
