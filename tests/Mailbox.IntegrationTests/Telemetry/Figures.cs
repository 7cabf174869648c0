using System.Globalization;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Telemetry;

/// <summary>A node's <c>/metrics</c> at one moment: each line's value by its name and labels.</summary>
internal sealed class Figures(string text)
{
    private readonly Dictionary<string, double> _values = text.Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => (Name: line[..line.LastIndexOf(' ')], Value: line[(line.LastIndexOf(' ') + 1)..]))
        .ToDictionary(line => line.Name, line => double.Parse(line.Value, CultureInfo.InvariantCulture));

    public string Text => text;

    /// <summary>Without labels, as alert rules and panels name them.</summary>
    public IReadOnlySet<string> Names => _values.Keys.Select(name => name.Split('{')[0]).ToHashSet();

    /// <summary>0 for what is not there.</summary>
    public double this[string series] => _values.GetValueOrDefault(series);

    public static async Task<Figures> OfAsync(MailboxNode node, params (string Name, string Value)[] headers)
    {
        var answer = await node.CallAsync("GET", "/metrics", null, headers);
        answer.Status.ShouldBe(200, answer.Text);
        answer.Header("Content-Type").ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        return new Figures(answer.Text);
    }

    /// <summary>Until it holds: the page is a second old at most, and some figures come a moment after what they count.</summary>
    public static async Task<Figures> WhenAsync(MailboxNode node, Func<Figures, bool> condition, string what)
    {
        Figures? last = null;
        try
        {
            await Eventually.HoldsAsync(async () => condition(last = await OfAsync(node)), Patience.Start, what);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\n{last?.Text}", exception);
        }

        return last!;
    }

    /// <summary>Until all of these have at least these values.</summary>
    public static Task<Figures> WhenAsync(MailboxNode node, params (string Series, double Least)[] wanted) => WhenAsync(
        node,
        figures => wanted.All(one => figures[one.Series] >= one.Least),
        string.Join(", ", wanted.Select(one => $"{one.Series} is {one.Least}")));
}
