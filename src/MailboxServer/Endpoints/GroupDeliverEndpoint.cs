using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>
/// <c>POST /v1/groups/{group}/messages</c>: the body goes to all members. It is stored before this answers; then it is waited for
/// a little, whichever node delivers it, so that most callers are told what it came to.
/// </summary>
internal sealed class GroupDeliverEndpoint(IGroupStore groups, GroupFanOut fanOut, CallerRates rates, MailboxOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MostBetween = TimeSpan.FromMilliseconds(200);

    public async Task HandleAsync(HttpContext http)
    {
        var group = RequestReader.GroupOf(http, Scope.Deliver);
        rates.TakeDelivery(http);
        var isLeft = LeavesIt(http);
        var keepsResults = DetailsOf(http);
        var delivery = DeliveryHeaders.Read(http.Request.Headers) with { Body = await RequestReader.BodyOfAsync(http, options.MaxMessageBytes) };
        var accepted = await groups.DeliverAsync(group, delivery, keepsResults, http.RequestAborted);
        if (accepted.Outcome is DeliveryOutcome.Full or DeliveryOutcome.Conflict)
        {
            await (accepted.Outcome == DeliveryOutcome.Full
                ? Problem.GroupFull("As many deliveries wait in its outbox as may.")
                : Problem.IdempotencyConflict).WriteAsync(http);
            return;
        }

        fanOut.Wake(group); // also without the wake that everybody hears
        if (accepted.Outcome == DeliveryOutcome.Replayed)
        {
            http.Response.Headers[MailboxHeaders.IdempotentReplayed] = "true";
        }

        if (isLeft)
        {
            http.Response.Headers["Preference-Applied"] = "respond-async"; // RFC 7240 section 3
        }

        var answer = await WaitAsync(group, accepted.Id, isLeft, http.RequestAborted);
        http.Response.Headers.Location = MailboxRoutes.ForGroupDelivery(group, accepted.Id);
        http.Response.StatusCode = IsOver(answer.State) ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        answer = keepsResults && IsOver(answer.State) ? answer with { Results = await TryAllResultsAsync(group, accepted.Id, http.RequestAborted) } : answer;
        await http.Response.WriteAsJsonAsync(answer, MailboxJsonContext.Default.GroupDelivery, cancellationToken: http.RequestAborted);
    }

    /// <summary>How far it is, and with <c>details</c> a page of results.</summary>
    public async Task ReadAsync(HttpContext http)
    {
        var group = RequestReader.GroupOf(http, Scope.Deliver);
        var id = (string?)http.Request.RouteValues["delivery"] ?? "";
        if (!Identifier.TryParse(id, out var parsed) || parsed.IsNone)
        {
            throw new ProblemException(Problem.InvalidParameter("delivery", "A delivery's id is 16 hex digits, as the delivery answers it."));
        }

        var page = RequestReader.NumberOf(http, "cursor", 0, int.MaxValue, 0);
        var isDetailed = DetailsOf(http);
        if (await groups.FindAsync(group, id, http.RequestAborted) is not { } state)
        {
            await Problem.DeliveryNotFound.WriteAsync(http);
            return;
        }

        var answer = AnswerOf(id, state);
        if (isDetailed)
        {
            var (results, next) = await ResultsAsync(group, id, page, http.RequestAborted);
            answer = answer with { Results = results, Cursor = next?.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        }

        await http.Response.WriteAsJsonAsync(answer, MailboxJsonContext.Default.GroupDelivery, cancellationToken: http.RequestAborted);
    }

    /// <summary>Another node may have it: its answer is in Redis, and is looked for there ever less often.</summary>
    private async Task<GroupDelivery> WaitAsync(string group, string id, bool isLeft, CancellationToken cancellation)
    {
        var until = Environment.TickCount64 + (isLeft ? 0 : (long)Patience.TotalMilliseconds);
        var pause = TimeSpan.FromMilliseconds(5);
        while (true)
        {
            // What was accepted is not taken back because it cannot be looked for now.
            var state = await FindAsync(group, id, cancellation) ?? new GroupState(GroupDeliveryStates.Waiting, 0, default);
            if (IsOver(state.State) || Environment.TickCount64 >= until)
            {
                return AnswerOf(id, state);
            }

            await Task.Delay(pause, cancellation);
            pause = pause * 2 < MostBetween ? pause * 2 : MostBetween;
        }
    }

    private async Task<GroupState?> FindAsync(string group, string id, CancellationToken cancellation)
    {
        try
        {
            return await groups.FindAsync(group, id, cancellation);
        }
        catch (StoreException)
        {
            return null;
        }
    }

    /// <summary>Null when the store does not answer now: the delivery is over all the same, and they may be asked for later.</summary>
    private async Task<List<DeliverManyResult>?> TryAllResultsAsync(string group, string id, CancellationToken cancellation)
    {
        var all = new List<DeliverManyResult>();
        try
        {
            for (int? page = 0; page is { } from;)
            {
                (var some, page) = await ResultsAsync(group, id, from, cancellation);
                all.AddRange(some);
            }
        }
        catch (StoreException)
        {
            return null;
        }

        return all;
    }

    private async Task<(List<DeliverManyResult> Results, int? Next)> ResultsAsync(string group, string id, int page, CancellationToken cancellation)
    {
        var read = await groups.ResultsAsync(group, id, page, cancellation);
        List<DeliverManyResult> results = [.. read.Results.Select(result => result.Delivered is { } delivered
            ? DeliveryAnswers.OneOfManyOf(result.Mailbox, delivered)
            : DeliveryAnswers.RefusedOf(result.Mailbox, ProblemMiddleware.Of(new StoreException(result.Fault, ""))))];
        return (results, read.HasMore ? page + read.Pages : null);
    }

    private static GroupDelivery AnswerOf(string id, GroupState state) => new()
    {
        Id = id,
        State = state.State,
        Members = state.Members,
        Delivered = state.Tally.Delivered,
        Waiting = state.Tally.Waiting,
        Full = state.Tally.Full,
        Failed = state.Tally.Failed,
        Absent = state.Tally.Absent > 0 ? state.Tally.Absent : null,
    };

    private static bool IsOver(string state) => state is not (GroupDeliveryStates.Waiting or GroupDeliveryStates.UnderWay);

    private static bool DetailsOf(HttpContext http) => RequestReader.QueryOf(http, "details") switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new ProblemException(Problem.InvalidParameter("details", "true or false.")),
    };

    /// <summary>RFC 7240 section 4.1; other preferences are passed over, as it says.</summary>
    private static bool LeavesIt(HttpContext http) => http.Request.Headers["Prefer"].Any(value => value is not null && value.Split(',')
        .Any(one => string.Equals(one.Split(';')[0].Trim(), "respond-async", StringComparison.OrdinalIgnoreCase)));
}
