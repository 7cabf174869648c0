using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Samples;

/// <summary>The samples that deliver.</summary>
public sealed class DeliverTests(Cluster cluster)
{
    /// <summary>Those that deliver each line of their input.</summary>
    internal static readonly string[] OfLines =
    [
        "python/deliver_http.py", "python/deliver_redis.py", "python/deliver_redis.py --bare",
        "node/deliver-http.mjs", "node/deliver-redis.mjs", "node/deliver-redis.mjs --bare",
        "dotnet-console deliver",
    ];

    private static readonly string[] OfOne = ["shell/deliver-http.sh", "shell/deliver-redis.sh", "shell/deliver-redis.sh --bare"];

    public static TheoryData<string> Lines => [.. OfLines];

    public static TheoryData<string> One => [.. OfOne];

    public static TheoryData<string> Told => [.. OfLines.Concat(OfOne).Where(sample => !sample.EndsWith("--bare", StringComparison.Ordinal))];

    public static TheoryData<string> ByFunction => ["python/deliver_redis.py", "node/deliver-redis.mjs", "shell/deliver-redis.sh"];

    public static TheoryData<string> ByHttp => ["python/deliver_http.py", "node/deliver-http.mjs", "shell/deliver-http.sh", "dotnet-console deliver"];

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Lines_arrive_in_their_order(string sample)
    {
        var mailbox = Names.Fresh("sample");
        string[] lines = ["", "  ä 日本 \U0001F4EB", """{"n":1} "quoted" 'too' \n $HOME""", .. Enumerable.Range(1, 50).Select(i => $"{i}")];

        var (code, output) = await Sample.RunAsync(sample, cluster.A.BaseAddress, cluster.Redis, [mailbox], lines);

        code.ShouldBe(0, output);
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        (await receiver.TextsAsync(lines.Length)).ShouldBe(lines);
    }

    [Theory]
    [MemberData(nameof(One))]
    public async Task The_input_arrives_as_one_message(string sample)
    {
        var mailbox = Names.Fresh("sample");
        string[] lines = ["ä \"quoted\" \\n $HOME", "", "three"];

        var (code, output) = await Sample.RunAsync(sample, cluster.A.BaseAddress, cluster.Redis, [mailbox], lines);

        code.ShouldBe(0, output);
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        (await receiver.TextsAsync(1)).ShouldBe([string.Concat(lines.Select(line => line + "\n"))]);
    }

    [Theory]
    [MemberData(nameof(Told))]
    public async Task A_full_mailbox_is_told(string sample)
    {
        var mailbox = Names.Fresh("sample");
        (await cluster.A.PutAsync(mailbox, """{"maxMessages":1}""")).Status.ShouldBe(201);
        (await cluster.A.DeliverAsync(mailbox, "first")).Status.ShouldBe(202);

        var (code, output) = await Sample.RunAsync(sample, cluster.A.BaseAddress, cluster.Redis, [mailbox], ["second"]);

        code.ShouldNotBe(0, output);
        output.ShouldContain("full");
    }

    [Theory]
    [MemberData(nameof(ByFunction))]
    public async Task A_function_that_was_lost_is_waited_for(string sample)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await redis.StartNodeAsync();
        await redis.ExecuteAsync("FUNCTION", "FLUSH");

        var (code, output) = await Sample.RunAsync(sample, node.BaseAddress, redis, ["m"], ["hello"]);

        code.ShouldBe(0, output);
        (await node.InfoOfAsync("m")).Messages.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(ByHttp))]
    public async Task A_server_that_is_away_is_waited_for(string sample)
    {
        await using var redis = await RedisServer.StartAsync();
        var port = FreePorts.Take();
        await using var running = await Sample.StartAsync(sample, new Uri($"http://127.0.0.1:{port}"), redis, ["m"], ["hello"]);
        await using var node = await MailboxNode.StartAsync(
            redis, new MailboxNodeOptions { Port = port, StartDeadline = Patience.Start });

        (await running.WaitForExitAsync()).ShouldBe(0, string.Join('\n', running.Told));
        (await node.InfoOfAsync("m")).Messages.ShouldBe(1);
    }
}
