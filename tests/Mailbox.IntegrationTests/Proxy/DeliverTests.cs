using System.IO.Compression;
using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;
using Microsoft.AspNetCore.Http;

namespace Mailbox.IntegrationTests.Proxy;

/// <summary>A backend's answer that names mailboxes goes to these.</summary>
[Collection(ProxySite.Name)]
public sealed class DeliverTests(ProxySite site)
{
    [Fact]
    public async Task An_answer_for_mailboxes_is_delivered_there_and_its_caller_is_told()
    {
        var (alice, bob) = (Names.Fresh("alice"), Names.Fresh("bob"));
        await using var stream = await site.Node.OpenAsync(Way.Sse, alice);
        await stream.NextIsAsync("open");

        var answer = await site.DeliverAsync(
            $"{alice}, {bob},{alice}", """{"n":1}""", ("Content-Type", "application/json"), ("Mailbox-Type", "news"), ("TTL", "60"));

        answer.Status.ShouldBe(202, answer.Text);
        answer.Header("Cache-Control").ShouldBe("no-store");
        var results = answer.Json.GetProperty("results").EnumerateArray().ToList();
        results.Select(result => (result.GetProperty("mailbox").GetString(), result.GetProperty("status").GetInt32())).ShouldBe([(alice, 201), (bob, 202)]);
        var message = await stream.MessageAsync();
        (message.Type, message.Text).ShouldBe(("news", """{"n":1}"""));
        var waiting = (await site.MessagesAsync(bob)).ShouldHaveSingleItem();
        waiting.GetProperty("type").GetString().ShouldBe("news");
        waiting.GetProperty("data").GetProperty("n").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_for_a_group_reaches_its_members_and_the_mailboxes_beside_it()
    {
        var (group, alice, bob) = (Names.Fresh("group"), Names.Fresh("alice"), Names.Fresh("bob"));
        await site.Node.CallAsync("PUT", MailboxRoutes.ForGroupMember(group, alice));

        var both = await site.DeliverAsync(bob, "both", ("Mailbox-Deliver-Group", group), ("Idempotency-Key", "k"));
        var again = await site.DeliverAsync(bob, "both", ("Mailbox-Deliver-Group", group), ("Idempotency-Key", "k"));
        var alone = await site.CallAsync(http =>
        {
            http.Response.Headers["Mailbox-Deliver-Group"] = group;
            return http.Response.WriteAsync("alone");
        });

        both.Status.ShouldBe(202, both.Text);
        var results = both.Json.GetProperty("results").EnumerateArray().ToList();
        results.Select(result => result.GetProperty("mailbox").GetString()).ShouldBe([bob, "group:" + group]);
        var id = results[1].GetProperty("id").GetString()!;
        again.Json.GetProperty("results").EnumerateArray().ShouldAllBe(result => result.GetProperty("replayed").GetBoolean());
        alone.Status.ShouldBe(202, alone.Text);
        await Eventually.HoldsAsync(async () => (await site.TextsAsync(alice)).Length == 2, Patience.Long, "the member has both");
        (await site.TextsAsync(alice)).ShouldBe(["both", "alone"]);
        (await site.TextsAsync(bob)).ShouldBe(["both"]);
        (await site.Node.GetAsync(MailboxRoutes.ForGroupDelivery(group, id))).Json.GetProperty("state").GetString().ShouldBe("done");
    }

    [Fact]
    public async Task An_answer_that_comes_again_with_its_key_is_delivered_once()
    {
        var mailbox = Names.Fresh("key");
        (await site.DeliverAsync(mailbox, "once", ("Idempotency-Key", "\"k1\""))).Status.ShouldBe(202);

        var again = await site.DeliverAsync(mailbox, "once", ("Idempotency-Key", "\"k1\""));

        again.Json.GetProperty("results")[0].GetProperty("replayed").GetBoolean().ShouldBeTrue();
        (await site.TextsAsync(mailbox)).ShouldBe(["once"]);
        var other = await site.DeliverAsync(mailbox, "another", ("Idempotency-Key", "k1"));
        (other.Status, other.Problem).ShouldBe((422, "idempotency-conflict"));
    }

    [Fact]
    public async Task A_topic_replaces_what_was_not_sent_yet()
    {
        var mailbox = Names.Fresh("topic");
        await site.DeliverAsync(mailbox, "old", ("Topic", "price"));
        await site.DeliverAsync(mailbox, "new", ("Topic", "price"));
        (await site.TextsAsync(mailbox)).ShouldBe(["new"]);
    }

    [Fact]
    public async Task The_backends_own_answer_passes_when_it_says_so_and_all_have_it()
    {
        var mailbox = Names.Fresh("pass");

        var answer = await site.CallAsync(http =>
        {
            http.Response.StatusCode = 203;
            return ProxySite.AnswerAsync(
                http, mailbox, "both", ("Mailbox-Response", "pass"), ("Mailbox-Type", "news"), ("TTL", "60"), ("Cache-Control", "max-age=3"), ("X-Own", "1"));
        });

        (answer.Status, answer.Text).ShouldBe((203, "both"));
        (answer.Header("X-Own"), answer.Header("Cache-Control")).ShouldBe(("1", "max-age=3"));
        answer.Headers.Keys.ShouldNotContain(name => name.StartsWith("Mailbox-", StringComparison.OrdinalIgnoreCase) || name == "TTL");
        (await site.TextsAsync(mailbox)).ShouldBe(["both"]);
    }

    [Fact]
    public async Task An_empty_answer_is_all_the_caller_gets_when_the_backend_says_so()
    {
        var mailbox = Names.Fresh("empty");
        var answer = await site.DeliverAsync(mailbox, "body", ("Mailbox-Response", "empty"));
        (answer.Status, answer.Text).ShouldBe((202, ""));
        (await site.TextsAsync(mailbox)).ShouldBe(["body"]);
    }

    [Theory]
    [InlineData("pass")]
    [InlineData("empty")]
    [InlineData("results")]
    public async Task Whoever_was_full_is_told_whatever_the_caller_was_to_get(string gets)
    {
        var (full, free) = (Names.Fresh("full"), Names.Fresh("free"));
        (await site.Node.PutAsync(full, """{"maxMessages":1}""")).Status.ShouldBe(201);
        (await site.DeliverAsync(full, "first")).Status.ShouldBe(202);

        var some = await site.DeliverAsync($"{full}, {free}", "second", ("Mailbox-Response", gets));
        var none = await site.DeliverAsync(full, "second", ("Mailbox-Response", gets));

        some.Status.ShouldBe(202);
        some.Json.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("status").GetInt32()).ShouldBe([507, 202]);
        (none.Status, none.Problem).ShouldBe((507, "mailbox-full"));
        (await site.TextsAsync(full)).ShouldBe(["first"]);
        (await site.TextsAsync(free)).ShouldBe(["second"]);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task An_error_or_a_redirect_is_the_callers_and_no_message(int status)
    {
        var mailbox = Names.Fresh("error");

        var answer = await site.CallAsync(http =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = "http://127.0.0.1:1/elsewhere";
            return ProxySite.AnswerAsync(http, mailbox, "sorry");
        });

        (answer.Status, answer.Text, answer.Header("Location")).ShouldBe((status, "sorry", "http://127.0.0.1:1/elsewhere"));
        answer.Header("Mailbox-Deliver").ShouldBeNull();
        (await site.MessagesAsync(mailbox)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_answer_without_a_body_is_an_empty_message_and_one_to_a_HEAD_is_none()
    {
        var (empty, head) = (Names.Fresh("empty"), Names.Fresh("head"));
        RequestDelegate Answer(string mailbox) => http =>
        {
            http.Response.StatusCode = 204;
            http.Response.Headers["Mailbox-Deliver"] = mailbox;
            return Task.CompletedTask;
        };

        (await site.CallAsync(Answer(empty))).Status.ShouldBe(202);
        var toHead = await site.Node.CallAsync("HEAD", $"/app/{site.Backend.On(Answer(head))}");

        (await site.TextsAsync(empty)).ShouldBe([""]);
        toHead.Status.ShouldBe(204);
        (await site.MessagesAsync(head)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_encoded_answer_is_delivered_without_its_encoding()
    {
        var mailbox = Names.Fresh("gzip");
        (await site.CallAsync(async http =>
        {
            http.Response.Headers["Mailbox-Deliver"] = mailbox;
            http.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(http.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("packed"));
        })).Status.ShouldBe(202);
        (await site.TextsAsync(mailbox)).ShouldBe(["packed"]);
    }

    [Fact]
    public async Task Ten_thousand_mailboxes_fit_into_a_header_and_one_more_does_not()
    {
        var prefix = Names.Fresh("m");
        var names = Enumerable.Range(0, 10_000).Select(i => $"{prefix}-{i}").ToArray();

        var few = await site.CallAsync(http => ProxySite.AnswerAsync(http, string.Join(',', names), "to all", ("TTL", "30")));
        var many = await site.CallAsync(http => ProxySite.AnswerAsync(http, string.Join(',', names.Append(prefix)), "to all"));

        few.Status.ShouldBe(202, few.Text);
        few.Json.GetProperty("results").EnumerateArray().ShouldAllBe(result => result.GetProperty("status").GetInt32() == 202);
        (await site.TextsAsync(names[^1])).ShouldBe(["to all"]);
        (many.Status, many.Problem).ShouldBe((502, "backend-header"));
        (await site.MessagesAsync(prefix)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_backend_has_answered_is_delivered_though_the_caller_has_gone()
    {
        // A caller that goes before the node has seen the answer's headers ends the request: which of the two came first,
        // nobody can see from outside. One that goes later, and another try does, must not.
        var mailbox = Names.Fresh("gone");
        await Eventually.HoldsAsync(
            async () =>
            {
                await LeaveDuringAnswerAsync(mailbox);
                return (await site.TextsAsync(mailbox)).Contains("late");
            },
            Patience.Start,
            "it is delivered");
    }

    private async Task LeaveDuringAnswerAsync(string mailbox)
    {
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var path = site.Backend.On(async http =>
        {
            http.Response.Headers["Mailbox-Deliver"] = mailbox;
            await http.Response.Body.FlushAsync();
            begun.SetResult();
            await goOn.Task;
            await http.Response.WriteAsync("late");
        });
        using var client = new HttpClient { BaseAddress = site.Node.BaseAddress };
        using var gone = new CancellationTokenSource();
        var call = client.GetAsync($"/app/{path}", gone.Token);
        await begun.Task.WaitAsync(Patience.Long);
        await Task.Delay(Patience.Silence);
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await Task.Delay(Patience.Silence);
        goOn.SetResult();
        await Task.Delay(Patience.Silence);
    }
}
