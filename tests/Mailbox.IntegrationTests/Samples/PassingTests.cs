using System.Collections.Concurrent;
using System.Diagnostics;
using Mailbox.IntegrationTests.Cli;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Samples;

/// <summary>The samples that deliver, and refusals: those that pass are waited for, and the others are told at once.</summary>
public sealed class PassingTests
{
    public static TheoryData<string> ByFunction => DeliverTests.ByFunction;

    [Theory]
    [MemberData(nameof(ByFunction))]
    public async Task What_Redis_refuses_for_now_is_tried_again(string sample)
    {
        string[] passing = ["READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "MISCONF", "OOM"];
        await using var redis = await RedisServer.StartAsync();
        await FunctionStandIn.LoadAsync(redis, [.. passing.Select(code => code + " for a while")]);
        var nobody = new Uri($"http://127.0.0.1:{FreePorts.Take()}");

        var (code, output) = await Sample.RunAsync(sample, nobody, redis, ["m"], ["hello"]);

        code.ShouldBe(0, output);
        (await FunctionStandIn.CallsAsync(redis)).ShouldBe(passing.Length + 1);
    }

    [Theory]
    [MemberData(nameof(ByFunction))]
    public async Task What_Redis_refuses_for_good_is_not(string sample)
    {
        foreach (var error in new[] { "NOAUTH Authentication required.", "NOPERM no permissions", "WRONGTYPE of the key", "MAILBOX invalid" })
        {
            await using var redis = await RedisServer.StartAsync();
            await FunctionStandIn.LoadAsync(redis, error);
            var nobody = new Uri($"http://127.0.0.1:{FreePorts.Take()}");

            var (code, output) = await Sample.RunAsync(sample, nobody, redis, ["m"], ["hello"]);

            code.ShouldNotBe(0, error);
            output.ShouldContain(error.Split(' ')[^1]);
            (await FunctionStandIn.CallsAsync(redis)).ShouldBe(1, error);
        }
    }

    [Theory]
    [InlineData("python/deliver_http.py", "Fri, 31 Dec 1999 23:59:59 GMT")]
    [InlineData("python/deliver_http.py", "soon")]
    [InlineData("python/deliver_http.py", "-1")]
    [InlineData("node/deliver-http.mjs", "Fri, 31 Dec 1999 23:59:59 GMT")]
    [InlineData("node/deliver-http.mjs", "soon")]
    [InlineData("node/deliver-http.mjs", "-1")]
    public async Task A_pause_that_is_no_number_of_seconds_is_a_pause_all_the_same(string sample, string told)
    {
        var times = new ConcurrentQueue<long>();
        await using var server = new StandIn(_ =>
        {
            times.Enqueue(Stopwatch.GetTimestamp());
            return times.Count == 1 ? new StandInAnswer(503, RetryAfter: told) : new StandInAnswer(202, """{"id":"x"}""");
        });
        await using var running = await Sample.StartAsync(sample, server.Address, null, ["m"], ["hello"]);

        (await running.WaitForExitAsync()).ShouldBe(0, string.Join('\n', running.Told));

        times.Count.ShouldBe(2);
        Stopwatch.GetElapsedTime(times.First(), times.Last()).ShouldBeGreaterThan(TimeSpan.FromSeconds(0.4));
    }
}
