using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Demos;

/// <summary><c>./dev demos</c>, as a person starts it.</summary>
[Collection(Alone.Name)]
public sealed class DevDemosTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_port_that_is_in_use_is_told_and_nothing_is_started()
    {
        var front = FreePorts.TakeRow(4);
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, front + 3);
        other.Start();
        await using var demos = await WatchedProcess.StartAsync(
            Tools.Find("bash", "install bash"), [Path.Combine(RepositoryRoot.Path, "dev"), "demos", $"{front}"]);

        (await demos.WaitForExitAsync(Deadline)).ShouldBe(1);
        demos.Output.ShouldBe([$"./dev: port {front + 3} is in use"]);
    }
}
