using System.Globalization;
using System.Text;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Running;

/// <summary>When clients came back after the fault began: how many in each second, whichever their transport.</summary>
/// <param name="BySecond">From the fault's beginning; an open that was refused counts as one more when it succeeds.</param>
/// <param name="Refused">Opens that got no stream.</param>
internal sealed record Reconnects(IReadOnlyList<int> BySecond, int Refused)
{
    private const int Width = 60;

    public static Reconnects None { get; } = new([], 0);

    public static Reconnects Read(IReadOnlyList<HistoryEvent> history)
    {
        if (history.OfType<FaultBegan>().FirstOrDefault() is not { } began)
        {
            return None;
        }

        var after = history.Skip((int)began.Index).TakeWhile(happened => happened is not Quiet).ToList();
        var asked = after.OfType<OpenBegan>().Select(open => open.Connection).ToHashSet(StringComparer.Ordinal);
        var seconds = after.OfType<Opened>().Where(opened => asked.Contains(opened.Connection))
            .Select(opened => (int)((opened.At - began.At) / 1000)).ToList();
        var bySecond = new int[seconds.Count > 0 ? seconds.Max() + 1 : 0];
        foreach (var second in seconds)
        {
            bySecond[second]++;
        }

        var refused = after.OfType<Ended>().Count(ended => ended.Reason.StartsWith("refused", StringComparison.Ordinal));
        return new Reconnects(bySecond, refused);
    }

    /// <summary>A line for each second.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var most = Math.Max(1, BySecond.DefaultIfEmpty().Max());
        text.Append(
            CultureInfo.InvariantCulture,
            $"reconnects: {BySecond.Sum()} in {BySecond.Count} s, at most {BySecond.DefaultIfEmpty().Max()} in one second; refused {Refused}");
        for (var second = 0; second < BySecond.Count; second++)
        {
            var bar = new string('#', (BySecond[second] * Width + most - 1) / most);
            text.Append(CultureInfo.InvariantCulture, $"\n  {second,4} s {BySecond[second],6} {bar}");
        }

        return text.ToString();
    }
}
