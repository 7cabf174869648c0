using System.Globalization;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Running;

/// <summary>Where a fault strikes, and what it decides with.</summary>
internal sealed class Scene(Site site, Load load, History history, int seed, bool isShort)
{
    private static readonly TimeSpan AcceptsAgainWithin = TimeSpan.FromSeconds(3);

    public Site Site => site;

    public Load Load => load;

    public History History => history;

    /// <summary>Every choice of the nemesis comes from here: the seed repeats it.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>In the short matrix every fault strikes once; in the long one it goes on for longer.</summary>
    public bool IsShort => isShort;

    public int Times(int inShort, int inLong) => isShort ? inShort : inLong;

    public Task PauseAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds));

    /// <summary>The fault did not do what it should, or the server did not: said in the result.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Redis is back: within three seconds every node takes deliveries.</summary>
    public async Task ExpectAcceptsAgainAsync()
    {
        var took = await Probe.AcceptsAfterAsync(site, TimeSpan.FromSeconds(20));
        Expect(
            took <= AcceptsAgainWithin,
            string.Create(CultureInfo.InvariantCulture, $"every node accepted again only {took.TotalSeconds:0.0} s after Redis was back"));
    }

    public void Expect(bool holds, string what)
    {
        if (!holds)
        {
            Failures.Add(what);
        }
    }
}
