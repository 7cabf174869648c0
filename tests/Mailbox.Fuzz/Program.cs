using System.CommandLine;
using System.Globalization;
using Mailbox.Fuzz.Inputs;
using Mailbox.Fuzz.Running;
using Mailbox.TestKit;

var duration = new Argument<string>("duration")
{
    Description = "Seconds, or hh:mm:ss; 0 throws the kept inputs and no others.",
    DefaultValueFactory = _ => "60",
};
var seed = new Option<int>("--seed") { Description = "Repeats the inputs of a run.", DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000) };
var loops = new Option<int>("--loops") { Description = "How many inputs are under way at once.", DefaultValueFactory = _ => 8 };
var corpus = new Option<string>("--corpus")
{
    Description = "The folder of inputs that every run begins with.",
    DefaultValueFactory = _ => Path.Combine(RepositoryRoot.Path, "tests", "Mailbox.Fuzz", "Corpus"),
};
var found = new Option<string>("--out")
{
    Description = "The folder for inputs that found something.",
    DefaultValueFactory = _ => Path.Combine(RepositoryRoot.Path, "artifacts", "fuzz"),
};

var root = new RootCommand("Throws made inputs at two real nodes on a real Redis, by every door, and watches what they do.") { duration, seed, loops, corpus, found };
root.SetAction(async (arguments, _) =>
{
    var text = arguments.GetValue(duration)!;
    var time = int.TryParse(text, CultureInfo.InvariantCulture, out var seconds)
        ? TimeSpan.FromSeconds(seconds)
        : TimeSpan.Parse(text, CultureInfo.InvariantCulture);
    var options = new CampaignOptions(arguments.GetValue(seed), time, arguments.GetValue(loops), arguments.GetValue(found)!);
    var kept = Kept.Load(arguments.GetValue(corpus)!);
    await Console.Out.WriteLineAsync($"seed {options.Seed}, {kept.Count} kept inputs, then {time}");

    await using var site = await Site.StartAsync();
    var campaign = new Campaign(site, options, Console.Out);
    await campaign.RunAsync(kept);
    return await Report.WriteAsync(campaign, Console.Out);
});
return await root.Parse(args).InvokeAsync();
