using System.Net;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests;

/// <summary>
/// A passing refusal of an open: an EventSource never comes back after a status other than 200, so it is told in the
/// stream; every other client gets the status.
/// </summary>
internal static class Refusals
{
    public static async Task AssertUnavailableAsync(MailboxNode node, Way way, string reason)
    {
        if (way != Way.Sse)
        {
            var refused = await Should.ThrowAsync<OpenRefusedException>(() => node.OpenAsync(way, Names.Fresh("refused")));
            refused.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
            refused.Headers.Keys.ShouldContain("Retry-After");
            refused.ProblemType.ShouldBe(ProblemTypes.Prefix + reason);
            return;
        }

        await using var stream = await Receivers.SseAsync(node.BaseAddress, Names.Fresh("refused"));
        var told = await stream.NextIsAsync(ControlEvents.Unavailable);
        told.Json!.Value.GetProperty("status").GetInt32().ShouldBe(503);
        told.Json.Value.GetProperty("reason").GetString().ShouldBe(reason);
        stream.RetryMilliseconds.ShouldNotBeNull();
        (await stream.ToEndAsync()).ShouldBeEmpty();
    }
}
