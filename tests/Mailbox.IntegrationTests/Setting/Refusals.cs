using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests;

/// <summary>
/// A passing refusal of an open: an EventSource never comes back after a status other than 200, so it is told in the
/// stream; every other client gets the status.
/// </summary>
internal static class Refusals
{
    public static async Task AssertUnavailableAsync(MailboxNode node, Way way, string reason, int status = 503, string? mailbox = null)
    {
        mailbox ??= Names.Fresh("refused");
        if (way != Way.Sse)
        {
            var refused = await Should.ThrowAsync<OpenRefusedException>(() => node.OpenAsync(way, mailbox));
            ((int)refused.Status).ShouldBe(status);
            refused.Headers.ContainsKey("Retry-After").ShouldBe(status != 507);
            refused.ProblemType.ShouldBe(ProblemTypes.Prefix + reason);
            return;
        }

        await using var stream = await Receivers.SseAsync(node.BaseAddress, mailbox);
        var told = await stream.NextIsAsync(ControlEvents.Unavailable);
        told.Json!.Value.GetProperty("status").GetInt32().ShouldBe(status);
        told.Json.Value.GetProperty("reason").GetString().ShouldBe(reason);
        stream.RetryMilliseconds.ShouldNotBeNull();
        (await stream.ToEndAsync()).ShouldBeEmpty();
    }
}
