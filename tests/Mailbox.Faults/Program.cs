using System.CommandLine;
using Mailbox.Faults;
using Mailbox.Faults.Mutations;
using Mailbox.Faults.Running;

var seed = new Option<int>("--seed")
{
    Description = "Repeats the choices of a run.",
    DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000),
    Recursive = true,
};
var output = new Option<DirectoryInfo>("--out")
{
    Description = "Where the histories of failed runs are kept.",
    DefaultValueFactory = _ => new DirectoryInfo("artifacts/faults"),
    Recursive = true,
};
var names = new Argument<string[]>("fault") { Description = "Which faults; none named: all of them.", Arity = ArgumentArity.ZeroOrMore };
var isLong = new Option<bool>("--long") { Description = "Every fault for longer and more than once." };
var duration = new Option<TimeSpan>("--duration") { Description = "Round after round until it is over, each with the next seed (hh:mm:ss)." };
var report = new Option<FileInfo?>("--report") { Description = "A Markdown file whose table is written anew." };

var root = new RootCommand("Runs faults against real nodes on real Redis servers, and checks what every actor saw.")
{
    names, seed, output, isLong, duration, report,
};
root.SetAction(async (arguments, _) =>
{
    var wanted = arguments.GetValue(names)!;
    if (wanted.Except(Matrix.Faults.Select(fault => fault.Name)).FirstOrDefault() is { } unknown)
    {
        await Console.Error.WriteLineAsync($"There is no fault '{unknown}'; 'list' names them.");
        return 2;
    }

    var results = new List<RunResult>();
    var started = DateTime.UtcNow;
    var first = await BeginAsync(arguments);
    do
    {
        var faults = Matrix.Faults.Where(fault => wanted.Length == 0 || wanted.Contains(fault.Name));
        results.AddRange(await Matrix.RunAsync(
            faults, first++, !arguments.GetValue(isLong), arguments.GetValue(output)!.FullName, Console.Out));
    }
    while (DateTime.UtcNow - started < arguments.GetValue(duration));

    if (arguments.GetValue(report) is { } file)
    {
        await Report.WriteTableAsync(file.FullName, results);
    }

    return await EndAsync(results.Count(result => result.Passed), results.Count(result => !result.Passed));
});

var list = new Command("list", "Names every fault.");
list.SetAction(async (_, _) =>
{
    foreach (var fault in Matrix.Faults)
    {
        await Console.Out.WriteLineAsync($"{fault.Name,-24} {fault.What}");
    }
});
root.Add(list);

var length = new Argument<TimeSpan>("duration") { Description = "hh:mm:ss", DefaultValueFactory = _ => TimeSpan.FromMinutes(30) };
var soak = new Command("soak", "For this long, a random fault every 20 s on three nodes; nothing may be lost, and nothing may grow.") { length };
soak.SetAction(async (arguments, _) =>
{
    var fault = Soak.Of(Matrix.Faults.Where(Soak.TakesPart), arguments.GetValue(length));
    var results = await Matrix.RunAsync(
        [fault], await BeginAsync(arguments), isShort: true, arguments.GetValue(output)!.FullName, Console.Out);
    return await EndAsync(results.Count(result => result.Passed), results.Count(result => !result.Passed));
});
root.Add(soak);

var which = new Argument<string[]>("mutation") { Description = "Which; none named: all of them.", Arity = ArgumentArity.ZeroOrMore };
var mutations = new Command("mutations", "Makes deliberate mistakes in a copy of the server; the faults must catch each.") { which };
mutations.SetAction(async (arguments, _) =>
{
    var wanted = arguments.GetValue(which)!;
    var chosen = Mutations.All.Where(mutation => wanted.Length == 0 || wanted.Contains(mutation.Name)).ToList();
    var (caught, survived) = await MutationRuns.RunAsync(
        chosen, await BeginAsync(arguments), arguments.GetValue(output)!.FullName, Console.Out);
    return await EndAsync(caught, survived);
});
root.Add(mutations);

var addresses = new Argument<string[]>("address") { Description = "Of nodes, or of what stands before them.", Arity = ArgumentArity.OneOrMore };
var name = new Option<string>("--name") { Description = "Of the run.", DefaultValueFactory = _ => "elsewhere" };
var clients = new Option<int>("--clients") { Description = "How many hold a stream.", DefaultValueFactory = _ => 80 };
var strike = new Option<string?>("--strike") { Description = "A command for bash that does something to the nodes; its end is the end of the fault." };
var against = new Command("against", "Load on nodes that run elsewhere, and a command meanwhile; tells what was lost, and when clients came back.")
{
    addresses, name, clients, strike,
};
against.SetAction(async (arguments, _) =>
{
    var fault = Elsewhere.Of(arguments.GetValue(name)!, arguments.GetValue(strike), arguments.GetValue(clients));
    await using var site = Site.At([.. arguments.GetValue(addresses)!.Select(address => new Uri(address))]);
    var result = await new FaultRun(fault, site, await BeginAsync(arguments), isShort: true, arguments.GetValue(output)!.FullName).RunAsync();
    await Console.Out.WriteLineAsync(Report.LineOf(result));
    await Console.Out.WriteLineAsync(Report.DeliveriesOf(result));
    await Console.Out.WriteLineAsync(result.Reconnects.ToString());
    return await EndAsync(result.Passed ? 1 : 0, result.Passed ? 0 : 1);
});
root.Add(against);

return await root.Parse(args).InvokeAsync();

async Task<int> BeginAsync(ParseResult arguments)
{
    arguments.GetValue(output)!.Create();
    await Console.Out.WriteLineAsync($"seed {arguments.GetValue(seed)}");
    return arguments.GetValue(seed);
}

async Task<int> EndAsync(int passed, int failed)
{
    await Console.Out.WriteLineAsync($"{passed} passed, {failed} failed");
    return failed == 0 && passed > 0 ? 0 : 1;
}
