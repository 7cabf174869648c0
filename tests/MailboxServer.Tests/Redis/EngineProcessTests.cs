using Mailbox.Redis.Embedded;

namespace MailboxServer.Tests.Redis;

public sealed class EngineProcessTests : IDisposable
{
    private readonly string _scratch = Directory.CreateTempSubdirectory("mailbox-engine-test-").FullName;

    public void Dispose()
    {
        if (Directory.Exists(_scratch))
        {
            Directory.Delete(_scratch, recursive: true); // else its watchdog has
        }
    }

    [Fact]
    public async Task An_engine_may_end_by_itself_at_the_moment_at_which_it_is_closed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The engine here is a shell's.");

        await Parallel.ForEachAsync(Enumerable.Range(0, 400), async (i, cancellation) =>
        {
            var engine = EngineProcess.Start(["sh", "-c", "exit 3"], "/", $"{_scratch}/{i}", _ => { });
            await Task.Delay(i % 8, cancellation);
            await engine.DisposeAsync();
        });
    }
}
