using System.Collections.Concurrent;
using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>Some mailboxes have their result, and then the server is away.</summary>
public sealed class PartialResultTests
{
    [Fact]
    public async Task A_gathered_message_has_its_result_whatever_becomes_of_the_others()
    {
        var stored = new TaskCompletionSource();
        var alone = new ConcurrentQueue<string>();
        var rounds = 0;
        using var server = new FakeServer(async (request, cancellation) =>
        {
            if (request.RequestUri!.AbsolutePath != "/v1/messages")
            {
                alone.Enqueue(request.RequestUri.AbsolutePath);
                return FakeServer.Problem(413, Contracts.ProblemTypes.TooLarge);
            }

            if (++rounds == 1)
            {
                return FakeServer.Json(Results(("a", 202), ("b", 503)));
            }

            await stored.Task.WaitAsync(cancellation);
            return FakeServer.Problem(413, Contracts.ProblemTypes.TooLarge);
        });
        using var client = server.NewClient(o => o.AttemptTimeout = TimeSpan.FromSeconds(3));
        await using var sender = client.CreateSender(new MailboxSenderOptions { BatchSize = 2, BatchDelay = TimeSpan.FromMinutes(1) });
        var first = sender.SendAsync("a", "x", cancellationToken: Loops.Deadline);
        var second = sender.SendAsync("b", "x", cancellationToken: Loops.Deadline);
        (await first).Id.ShouldBe("a-1");
        stored.SetResult();
        (await Should.ThrowAsync<MailboxException>(() => second)).Status.ShouldBe(413);
        alone.ShouldBe(["/v1/mailboxes/b/messages"]); // one of a round is sent again by itself, and never what is stored
    }

    [Fact]
    public async Task Of_many_mailboxes_those_that_have_a_result_keep_it()
    {
        var rounds = 0;
        using var server = new FakeServer(_ =>
            ++rounds == 1 ? FakeServer.Json(Results(("a", 202), ("b", 503))) : throw new HttpRequestException("Away."));
        using var client = server.NewClient(o => o.SendRetryTime = TimeSpan.FromMilliseconds(300));
        var results = await client.SendAsync(["a", "b"], "x"u8.ToArray(), cancellationToken: Loops.Deadline);
        results.Select(result => result.Status).ShouldBe([202, 503]);
        rounds.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task Of_very_many_mailboxes_those_of_the_first_requests_have_their_result()
    {
        var names = Enumerable.Range(0, 10_001).Select(i => $"m{i}").ToList();
        var rounds = 0;
        using var server = new FakeServer(_ => ++rounds == 1
            ? FakeServer.Json(Results([.. names.Take(10_000).Select(name => (name, 202))]))
            : throw new HttpRequestException("Away."));
        using var client = server.NewClient(o => o.SendRetryTime = TimeSpan.Zero);
        var results = await client.SendAsync(names, "x"u8.ToArray(), cancellationToken: Loops.Deadline);
        results.Count(result => result.Status == 202).ShouldBe(10_000);
        results[^1].Mailbox.ShouldBe("m10000");
        results[^1].Status.ShouldBe(503);
        results[^1].Queued.ShouldBeFalse();
    }

    [Fact]
    public async Task Without_any_result_the_failure_is_thrown()
    {
        using var server = new FakeServer(_ => throw new HttpRequestException("Away."));
        using var client = server.NewClient(o => o.SendRetryTime = TimeSpan.Zero);
        await Should.ThrowAsync<MailboxException>(() => client.SendAsync(["a", "b"], "x"u8.ToArray(), cancellationToken: Loops.Deadline));
    }

    private static string Results(params (string Mailbox, int Status)[] results) =>
        $$"""{"results":[{{string.Join(',', results.Select(result => Result(result.Mailbox, result.Status)))}}]}""";

    private static string Result(string mailbox, int status) => status < 400
        ? $$"""{"mailbox":"{{mailbox}}","status":{{status}},"id":"{{mailbox}}-1","queued":true,"connected":false}"""
        : $$"""{"mailbox":"{{mailbox}}","status":{{status}},"queued":false,"connected":false,"type":"urn:mailbox:problem:store-unavailable"}""";
}
