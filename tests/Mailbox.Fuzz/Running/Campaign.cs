using System.Collections.Concurrent;
using System.Diagnostics;
using Mailbox.Fuzz.Families;
using Mailbox.Fuzz.Inputs;
using Mailbox.Fuzz.Throwing;

namespace Mailbox.Fuzz.Running;

/// <summary>The kept inputs first, then made ones from many loops at once until the time is over; after each round, the canary.</summary>
internal sealed class Campaign(Site site, CampaignOptions options, TextWriter output)
{
    private const int InputsOfASubject = 25;
    private const long MostResidentBytes = 1L << 30;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(5);

    private readonly Thrower _thrower = new(site);
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly ConcurrentQueue<Finding> _findings = new();

    // What was thrown lately, by loop: what a node complains of is one of these.
    private readonly ConcurrentQueue<Input>[] _lately = [.. Enumerable.Range(0, options.Loops).Select(_ => new ConcurrentQueue<Input>())];

    public IReadOnlyDictionary<string, int> Counts => _counts;

    public IReadOnlyCollection<Finding> Findings => _findings;

    /// <summary>Kept inputs and rounds after which nothing was found.</summary>
    public int Passed { get; private set; }

    public long MostResident { get; private set; }

    public async Task RunAsync(IReadOnlyList<Input> kept)
    {
        await using var canary = await Canary.StartAsync(site);
        foreach (var input in kept)
        {
            var before = _findings.Count;
            await ThrowAsync(0, input, await Subject.CreateAsync(site.AnyNode()));
            if (await LookAsync(canary))
            {
                return;
            }

            Passed += _findings.Count == before ? 1 : 0;
        }

        var watch = Stopwatch.StartNew();
        using var end = new CancellationTokenSource();
        var loops = Enumerable.Range(0, options.Loops).Select(loop => Task.Run(() => LoopAsync(loop, end.Token))).ToList();
        try
        {
            while (watch.Elapsed < options.Duration && _findings.Count < options.MostFindings)
            {
                var before = _findings.Count;
                await Task.WhenAny(Task.WhenAll(loops), Task.Delay(Round < options.Duration - watch.Elapsed ? Round : options.Duration - watch.Elapsed));
                if (await LookAsync(canary))
                {
                    break;
                }

                Passed += _findings.Count == before ? 1 : 0;

                await output.WriteLineAsync($"{watch.Elapsed:hh\\:mm\\:ss} {_counts.Values.Sum()} inputs, {_findings.Count} findings, {MostResident >> 20} MiB");
            }
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(loops);
        }

        await LookAsync(canary);
    }

    private async Task LoopAsync(int loop, CancellationToken end)
    {
        var chance = new Chance(unchecked((options.Seed * 1_000) + loop));
        Subject? subject = null;
        for (var i = 0; !end.IsCancellationRequested && _findings.Count < options.MostFindings; i++)
        {
            var family = chance.Of([.. AllFamilies.All]);
            var input = family.Next(chance);
            try
            {
                if (subject is null || i % InputsOfASubject == 0 || input.Kind == InputKind.Damage)
                {
                    subject = await Subject.CreateAsync(site.AnyNode());
                }
            }
            catch (HttpRequestException exception)
            {
                Add(null, $"A fresh mailbox does not work: {exception.Message}");
                return;
            }

            await ThrowAsync(loop, input, subject);
            _counts.AddOrUpdate(family.Name, 1, (_, count) => count + 1);
        }
    }

    private async Task ThrowAsync(int loop, Input input, Subject subject)
    {
        var lately = _lately[loop];
        lately.Enqueue(input);
        if (lately.Count > 100)
        {
            lately.TryDequeue(out _);
        }

        try
        {
            await _thrower.ThrowAsync(input, subject);
        }
        catch (FindingException finding)
        {
            Add(input, finding.Message);
        }
        catch (Exception exception)
        {
            // An oracle that fails by itself has seen something that nobody expected.
            Add(input, exception.ToString());
        }
    }

    /// <summary>Whether it must end.</summary>
    private async Task<bool> LookAsync(Canary canary)
    {
        try
        {
            await canary.SingsAsync();
        }
        catch (Exception exception)
        {
            Add(null, $"The canary: {exception}");
        }

        MostResident = Math.Max(MostResident, site.Nodes.Where(node => !node.HasExited).Select(node => node.ResidentBytes).DefaultIfEmpty().Max());
        if (MostResident > MostResidentBytes)
        {
            Add(null, $"A node takes {MostResident >> 20} MiB.");
            return true;
        }

        if (site.Complaint() is not { } complaint)
        {
            return false;
        }

        Add(null, complaint);
        foreach (var input in _lately.SelectMany(queue => queue))
        {
            Kept.Save(Path.Combine(options.Output, "suspects"), input.Family, input);
        }

        return true;
    }

    private void Add(Input? input, string what)
    {
        var file = input is null ? null : Kept.Save(options.Output, "found", input);
        _findings.Enqueue(new Finding(input, what, file));
    }
}
