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
}
