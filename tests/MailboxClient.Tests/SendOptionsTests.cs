using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>What a message carries beside its body.</summary>
public sealed class SendOptionsTests
{
    public static TheoryData<SendOptions> Unsendable =>
    [
        new SendOptions { Type = "grüße" },
        new SendOptions { Topic = "a b" },
        new SendOptions { IdempotencyKey = "order\n42" },
        new SendOptions { ContentType = "text/plain\r\nX: y" },
    ];

    [Theory]
    [MemberData(nameof(Unsendable))]
    public async Task SendAsync_NoHeaderCanCarryIt_ThrowsBeforeAnythingIsSent(SendOptions options)
    {
        var sent = 0;
        using var server = new FakeServer(_ => FakeServer.Status(500 + sent++));
        using var client = server.NewClient();
        await using var sender = client.CreateSender();
        await Should.ThrowAsync<ArgumentException>(() => client.SendAsync("a", "x", options, Loops.Deadline));
        await Should.ThrowAsync<ArgumentException>(() => client.SendAsync(["a"], "x"u8.ToArray(), options, Loops.Deadline));
        await Should.ThrowAsync<ArgumentException>(() => sender.SendAsync("a", "x", options, Loops.Deadline));
        sent.ShouldBe(0);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.4, "1")]
    [InlineData(1, "1")]
    [InlineData(1.5, "2")]
    public async Task SendAsync_TimeToLive_IsWholeSecondsRoundedUp(double seconds, string told)
    {
        var lives = new List<string>();
        using var server = new FakeServer(request =>
        {
            lives.AddRange(request.Headers.GetValues(MailboxHeaders.TimeToLive));
            return FakeServer.Json(FakeServer.Stored, 201);
        });
        using var client = server.NewClient();
        var options = new SendOptions { TimeToLive = TimeSpan.FromSeconds(seconds), ContentType = "text/plain; charset=utf-8" };
        await client.SendAsync("a", "x", options, Loops.Deadline);
        lives.ShouldBe([told]);
    }
}
