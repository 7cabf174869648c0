using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Mailbox;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store.StateMachine;

/// <summary>
/// The scripts as a state machine: random interleavings of everything that senders, receivers and faults do to a
/// mailbox, each step held against the model. A failure prints the seed, the shortest scenario that still fails, and its
/// history; <c>MAILBOX_SEED=seed,gamma</c> runs that one again, <c>MAILBOX_RUNS</c> runs more.
/// </summary>
public sealed class StateMachineTests(StateMachineTests.Fixture fixture, ITestOutputHelper output)
    : IClassFixture<StateMachineTests.Fixture>
{
    private const int Steps = 100;

    /// <summary>So small that every limit is reached within a run.</summary>
    private const int MaxMessages = 8;
    private const int ResumeLength = 4;

    /// <summary>The same interleavings for each change. <c>MAILBOX_SEED=random</c> and <c>MAILBOX_RUNS</c> look for others.</summary>
    private const string Gate = "4711,4713";

    [Theory]
    [InlineData("reject")]
    [InlineData("dropOldest")]
    public async Task Every_promise_holds_in_every_interleaving(string overflow)
    {
        var options = new MailboxOptions
        {
            MaxMessages = MaxMessages,
            ResumeLength = ResumeLength,
            Overflow = overflow == "reject" ? OverflowPolicy.Reject : OverflowPolicy.DropOldest,
        };
        await fixture.RegisterFunctionAsync(options);
        var seed = Environment.GetEnvironmentVariable("MAILBOX_SEED") ?? Gate;
        var (start, gamma) = seed.Split(',') is [var one, var two]
            ? (ulong.Parse(one, CultureInfo.InvariantCulture), ulong.Parse(two, CultureInfo.InvariantCulture))
            : ((ulong)Random.Shared.NextInt64(), (ulong)Random.Shared.NextInt64() | 1);
        var runs = int.Parse(Environment.GetEnvironmentVariable("MAILBOX_RUNS") ?? "50", CultureInfo.InvariantCulture);
        output.WriteLine($"MAILBOX_SEED={start},{gamma}");

        var property = Prop.ForAll(Scenario.Arbitrary(Steps), scenario => Run(scenario, options));

        // FsCheck runs synchronously; not on a thread that the replies come back on.
        await Task.Factory.StartNew(
            () => property.Check(Config.QuickThrowOnFailure.WithMaxTest(runs).WithReplay(start, gamma)),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private bool Run(Scenario scenario, MailboxOptions options)
    {
        var quarantines = new QuarantineWatch();
        var run = new ScenarioRun(
            fixture.Mailbox(options, quarantines), quarantines, MaxMessages, ResumeLength,
            options.Overflow == OverflowPolicy.DropOldest, scenario.HasFaults);
#pragma warning disable VSTHRD002 // On a thread of its own.
        run.RunAsync(scenario.Steps).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        return true;
    }

    /// <summary>A Redis of its own: the function's defaults are this test's.</summary>
    public sealed class Fixture : StoreFixture
    {
        protected override async Task<RedisEngine> StartEngineAsync() => await RedisServer.StartAsync();
    }
}
