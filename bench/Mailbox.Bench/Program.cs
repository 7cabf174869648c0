using System.CommandLine;
using System.Diagnostics;
using Mailbox.Bench;
using Mailbox.Bench.Cases;
using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;
using Mailbox.Bench.Reporting;
using Mailbox.Bench.Ticker;
using Mailbox.TestKit;

var names = new Argument<string[]>("case") { Description = "Which cases; none named: all of them.", Arity = ArgumentArity.ZeroOrMore };
var rounds = new Option<int>("--rounds") { Description = "How often each point is measured on each peer.", DefaultValueFactory = _ => 3 };
var isShort = new Option<bool>("--short") { Description = "Two minutes: the cases that tell most, in less time each; only ratios, and no file." };
var seconds = new Option<int?>("--seconds") { Description = "How long each measurement takes where that is free: longer to look at a server with a profiler." };
var commands = new Option<bool>("--commands") { Description = "Tells after each measurement what its Redis was asked (INFO commandstats)." };
var senders = new Option<int>("--senders") { Description = "Connections that deliver at the same time.", DefaultValueFactory = _ => 32 };
var appendOnly = new Option<bool>("--appendonly") { Description = "Every Redis keeps an append-only file, synchronised once a second." };
var workers = new Option<int>("--nginx-workers") { Description = "nginx's worker processes; 0 for one a core." };
var before = new Option<FileInfo?>("--before") { Description = "Another build's MailboxServer.dll, measured beside this one." };
var without = new Option<PeerKind[]>("--without") { Description = "Leaves a peer out.", AllowMultipleArgumentsPerToken = true };
var output = new Option<FileInfo>("--out")
{
    Description = "The file whose sections are written anew.",
    DefaultValueFactory = _ => new FileInfo(Path.Combine(RepositoryRoot.Path, "bench", "results.md")),
};

var root = new RootCommand("Measures this server beside others, in turn, on this machine.")
{
    names, rounds, isShort, seconds, senders, commands, appendOnly, workers, before, without, output,
};
root.SetAction(async (arguments, _) =>
{
    var scale = new Scale
    {
        IsShort = arguments.GetValue(isShort),
        Rounds = arguments.GetValue(rounds),
        Senders = arguments.GetValue(senders),
        Seconds = arguments.GetValue(seconds),
    };
    var options = new PeerOptions { AppendOnly = arguments.GetValue(appendOnly), NginxWorkers = arguments.GetValue(workers) };
    var wanted = arguments.GetValue(names)!;
    if (wanted.Except(AllCases.List.Select(one => one.Name)).FirstOrDefault() is { } unknown)
    {
        await Console.Error.WriteLineAsync($"There is no case '{unknown}'; 'list' names them.");
        return 2;
    }

    var cases = AllCases.List.Where(one => wanted.Length == 0 ? !scale.IsShort || one.IsInShort : wanted.Contains(one.Name)).ToList();
    var machine = MachineDescription.Lines(scale, options);
    await Console.Out.WriteLineAsync(string.Join('\n', machine));
    var runner = new Runner(scale, options, Console.Out)
    {
        Before = arguments.GetValue(before)?.FullName,
        Without = arguments.GetValue(without)!,
        TellsCommands = arguments.GetValue(commands),
    };
    var watch = Stopwatch.StartNew();
    var voids = 0;
    foreach (var one in cases)
    {
        var samples = await runner.RunAsync(one);
        voids += samples.Count(sample => sample.Fault is not null);
        await Console.Out.WriteLineAsync($"\n{(scale.IsShort ? CaseTable.Ratios(one, samples) : CaseTable.Of(one, samples))}");
        if (!scale.IsShort || arguments.GetResult(output) is { Implicit: false })
        {
            await new ResultsFile(arguments.GetValue(output)!.FullName).WriteAsync(one, machine, scale.Rounds, CaseTable.Of(one, samples));
        }
    }

    await Console.Out.WriteLineAsync($"{cases.Count} cases in {watch.Elapsed.TotalMinutes:0.0} minutes, {voids} void measurements");
    return voids == 0 ? 0 : 1;
});

var list = new Command("list", "Names every case.");
list.SetAction(async (_, _) =>
{
    foreach (var one in AllCases.List)
    {
        await Console.Out.WriteLineAsync($"{one.Name,-14} {(one.IsInShort ? "short" : "     ")} {one.What}");
    }
});
root.Add(list);

var bus = new Command("bus", "What a wake costs each server of a cluster, and what sharded publishing would.") { rounds };
bus.SetAction(async (arguments, _) => await BusMeasurement.RunAsync(arguments.GetValue(rounds), Console.Out));
root.Add(bus);

var streams = new Option<int>("--streams") { Description = "Members of the group, each with a stream.", DefaultValueFactory = _ => 2_000 };
var quotes = new Option<int>("--quotes") { Description = "Quotes a second.", DefaultValueFactory = _ => 200 };
var time = new Option<int>("--time") { Description = "For how many seconds.", DefaultValueFactory = _ => 20 };
var ticker = new Command("ticker", "A stock ticker by a group: who gets what, and whether all end with the newest.") { streams, quotes, time };
ticker.SetAction(async (arguments, _) => await new TickerRun(
    new TickerPlan
    {
        Members = arguments.GetValue(streams), QuotesPerSecond = arguments.GetValue(quotes), Duration = TimeSpan.FromSeconds(arguments.GetValue(time)),
    },
    Console.Out).RunAsync());
root.Add(ticker);

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (MissingToolException missing)
{
    await Console.Error.WriteLineAsync($"{missing.Message}. ./dev bench installs it where there is apt.");
    return 1;
}
