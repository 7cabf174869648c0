using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Samples;

/// <summary>The sample of a .NET service.</summary>
public sealed class WorkerTests(Cluster cluster)
{
    private const string Worker = "dotnet-worker";
    private const string Json = "application/json";

    [Fact]
    public async Task Orders_are_worked_through_in_order_and_what_is_none_is_put_aside()
    {
        var mailbox = Names.Fresh("sample");
        await cluster.A.DeliverAsync(mailbox, """{"number":1,"what":"tea"}""", ("Content-Type", Json));
        await cluster.A.DeliverAsync(mailbox, "no order");
        await cluster.B.DeliverAsync(mailbox, """{"number":2,"what":"milk"}""", ("Content-Type", Json));

        await using var running = await Sample.StartAsync(Worker, cluster.A.BaseAddress, null, ["--Mailbox=" + mailbox]);

        await running.UntilAsync(sample => sample.Told.Any(line => line.Contains("Order 2: milk")), "both orders are done");
        string.Join(' ', running.Told).ShouldMatch("Order 1: tea.*is no order: no order.*Order 2: milk");
        await cluster.A.WaitUntilKeptAsync(mailbox, 0);
        running.Interrupt();
        (await running.WaitForExitAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_second_worker_takes_over_and_the_first_ends()
    {
        var mailbox = Names.Fresh("sample");
        await using var first = await Sample.StartAsync(Worker, cluster.A.BaseAddress, null, ["--Mailbox=" + mailbox]);
        await cluster.A.DeliverAsync(mailbox, """{"number":1,"what":"tea"}""", ("Content-Type", Json));
        await first.UntilAsync(sample => sample.Told.Any(line => line.Contains("Order 1")), "the first works");

        await using var second = await Sample.StartAsync(Worker, cluster.B.BaseAddress, null, ["--Mailbox=" + mailbox]);

        (await first.WaitForExitAsync()).ShouldBe(0);
        await cluster.A.DeliverAsync(mailbox, """{"number":2,"what":"milk"}""", ("Content-Type", Json));
        await second.UntilAsync(sample => sample.Told.Any(line => line.Contains("Order 2")), "the second works");
    }
}
