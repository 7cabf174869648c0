using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>What one loop sees of a connection that comes back.</summary>
public sealed class ResumeTests
{
    [Fact]
    public async Task After_a_loss_under_a_live_stream_a_reconnect_brings_nothing_twice()
    {
        // The old place is a loss again; the reset's own is not.
        string[] first = [FakeServer.Open("g-0"), FakeServer.Message("g-1"), FakeServer.Reset("h-0", ResetReasons.Lost), FakeServer.Message("h-1")];
        var told = await TellAsync(first, after => after == "h-0"
            ? [FakeServer.Open("h-0"), FakeServer.Message("h-1"), FakeServer.Message("h-2")]
            : [FakeServer.Open(after), FakeServer.Reset("h-0", ResetReasons.Lost), FakeServer.Message("h-1"), FakeServer.Message("h-2")], 4);
        told.ShouldBe(["message g-1", $"reset ({ResetReasons.Lost})", "message h-1", "message h-2"]);
    }

    [Fact]
    public async Task A_gap_says_nothing_of_what_the_loop_has_got()
    {
        string[] first = [FakeServer.Open("g-0"), FakeServer.Message("g-1"), FakeServer.Message("g-2")];
        var told = await TellAsync(
            first, after => [FakeServer.Open(after), FakeServer.Gap("g-4", 1, 4), FakeServer.Message("g-5")], 4);
        told.ShouldBe(["message g-1", "message g-2", "gap 3-4 (dropped)", "message g-5"]);
    }

    /// <summary>Nothing is acknowledged. The stream ends when all of <paramref name="first"/> is read.</summary>
    private static async Task<List<string>> TellAsync(string[] first, Func<string, string[]> resume, int count)
    {
        using var server = new FakeServer(request =>
            FakeServer.IsAck(request) ? FakeServer.Status(204)
            : FakeServer.After(request) is { } after ? FakeServer.Events(resume(after))
            : FakeServer.Events(first));
        using var client = server.NewClient();
        await using var receiver = client.ReceiveAsync("a", new ReceiverOptions { Ack = AckMode.Manual });
        var told = new List<string>();
        await foreach (var next in receiver.Events.WithCancellation(Loops.Deadline))
        {
            told.Add(next.ToString()!);
            if (told.Count == count)
            {
                break;
            }
        }

        return told;
    }
}
