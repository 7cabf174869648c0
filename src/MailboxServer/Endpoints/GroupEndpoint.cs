using System.Globalization;
using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>The group itself: who is a member, who joins, who leaves.</summary>
internal sealed class GroupEndpoint(IGroupStore groups, MailboxOptions options)
{
    private const int MaxLimit = 1_000;
    private const int DefaultLimit = 100;
    private const long MaxSeconds = 365L * 24 * 3600;

    /// <summary>Who puts a mailbox into a group lets others deliver into it: so it has to be allowed to do that itself.</summary>
    public async Task JoinAsync(HttpContext http)
    {
        var group = RequestReader.GroupOf(http, Scope.Admin);
        var mailbox = RequestReader.MailboxOf(http, Scope.Deliver);
        var joined = await groups.JoinAsync(group, mailbox, LifeOf(http), http.RequestAborted);
        if (joined.Outcome == GroupJoinOutcome.Full)
        {
            await Problem.GroupFull(string.Create(CultureInfo.InvariantCulture, $"It has {options.Limits.MembersPerGroup} members.")).WriteAsync(http);
            return;
        }

        http.Response.StatusCode = joined.Outcome == GroupJoinOutcome.Joined ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        await http.Response.WriteAsJsonAsync(
            new GroupMember(mailbox, joined.Ends), MailboxJsonContext.Default.GroupMember, cancellationToken: http.RequestAborted);
    }

    /// <summary>Whose mailbox it is may take it out of any group.</summary>
    public async Task LeaveAsync(HttpContext http)
    {
        var group = RequestReader.NameOfGroup(http);
        var isGroups = Caller.Of(http).Rights.MayGroup(Scope.Admin, group);
        var mailbox = (string?)http.Request.RouteValues["mailbox"] ?? "";
        if (!MailboxName.IsValid(mailbox))
        {
            throw new ProblemException(Problem.InvalidName);
        }

        if (!isGroups)
        {
            RequestReader.Demand(http, mailbox, Scope.Open);
        }

        await groups.LeaveAsync(group, mailbox, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task ReadAsync(HttpContext http)
    {
        var group = RequestReader.GroupOf(http, Scope.Admin);
        var limit = RequestReader.NumberOf(http, "limit", 1, MaxLimit, DefaultLimit);
        GroupInfo? info;
        try
        {
            info = await groups.ReadAsync(group, RequestReader.QueryOf(http, "cursor"), limit, http.RequestAborted);
        }
        catch (FormatException)
        {
            throw new ProblemException(Problem.InvalidParameter("cursor", "The cursor of the page before."));
        }

        if (info is null)
        {
            await Problem.GroupNotFound.WriteAsync(http);
            return;
        }

        await http.Response.WriteAsJsonAsync(info, MailboxJsonContext.Default.GroupInfo, cancellationToken: http.RequestAborted);
    }

    public async Task ListAsync(HttpContext http)
    {
        var prefix = RequestReader.QueryOf(http, "prefix") ?? "";
        if (prefix.Length > 0 && !MailboxName.IsValid(prefix))
        {
            throw new ProblemException(Problem.InvalidParameter("prefix", "The beginning of a group's name."));
        }

        RequestReader.DemandAll(http, Rights.Group + prefix);
        try
        {
            var list = await groups.ListAsync(prefix, RequestReader.QueryOf(http, "cursor"), http.RequestAborted);
            await http.Response.WriteAsJsonAsync(list, MailboxJsonContext.Default.GroupList, cancellationToken: http.RequestAborted);
        }
        catch (FormatException)
        {
            throw new ProblemException(Problem.InvalidParameter("cursor", "The cursor of the page before."));
        }
    }

    public async Task RemoveAsync(HttpContext http)
    {
        await groups.RemoveAsync(RequestReader.GroupOf(http, Scope.Admin), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static TimeSpan? LifeOf(HttpContext http) => RequestReader.HeaderOf(http, MailboxHeaders.TimeToLive) switch
    {
        null => null,
        var text when RequestReader.TryParseWholeNumber(text, out var seconds) && seconds is >= 1 and <= MaxSeconds => TimeSpan.FromSeconds(seconds),
        _ => throw new ProblemException(Problem.InvalidHeader(MailboxHeaders.TimeToLive, $"Whole seconds, 1 to {MaxSeconds}.")),
    };
}
