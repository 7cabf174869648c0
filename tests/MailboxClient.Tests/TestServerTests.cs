using Mailbox.Client.Testing;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>What the package offers for its users' own tests.</summary>
public sealed class TestServerTests
{
    private static string ServerPath => Path.Combine(
        RepositoryRoot.Path, "src", "MailboxServer", "bin", AppContext.BaseDirectory.Contains("Debug", StringComparison.Ordinal) ? "Debug" : "Release", "net10.0", "MailboxServer.dll");

    [Fact]
    public async Task The_real_server_serves_a_users_test()
    {
        await using var server = await MailboxTestServer.StartAsync(new MailboxTestServerOptions
        {
            ServerPath = ServerPath,
            Settings = new Dictionary<string, string> { ["Mailbox:MaxMessageBytes"] = "10" },
        });
        using var client = server.CreateClient();
        await client.SendAsync("alice", "hello", cancellationToken: Loops.Deadline);
        await using var receiver = client.ReceiveAsync("alice");
        (await receiver.TakeAsync(1)).ShouldBe(["hello"]);
        (await Should.ThrowAsync<Client.MailboxException>(() => client.SendAsync("alice", "more than ten"))).Status.ShouldBe(413);
    }

    [Fact]
    public async Task A_server_that_is_nowhere_is_told_with_the_remedy()
    {
        var exception = await Should.ThrowAsync<FileNotFoundException>(() => MailboxTestServer.StartAsync());
        exception.Message.ShouldContain(MailboxTestServer.PathVariable);
        (await Should.ThrowAsync<FileNotFoundException>(() => MailboxTestServer.StartAsync(new() { ServerPath = "/nowhere/MailboxServer" })))
            .Message.ShouldContain("/nowhere");
    }

    [Fact]
    public async Task A_server_that_does_not_start_says_what_it_wrote()
    {
        var options = new MailboxTestServerOptions
        {
            ServerPath = ServerPath,
            Settings = new Dictionary<string, string> { ["Mailbox:MaxMessages"] = "0" },
        };
        (await Should.ThrowAsync<InvalidOperationException>(() => MailboxTestServer.StartAsync(options))).Message.ShouldContain("MaxMessages");
    }
}
