using System.Globalization;
using System.Text;
using Mailbox.Mailboxes;

namespace Mailbox.Redis;

/// <summary>
/// What became of a delivery in each of some members' mailboxes, as Redis keeps it: a line each, of the mailbox, the outcome or
/// the store's fault, the message's id or <c>-</c>, 1 when a receiver was present, and when the message is gone (ms).
/// </summary>
internal static class GroupResultLines
{
    public static string Write(IReadOnlyList<GroupMemberResult> results)
    {
        var text = new StringBuilder();
        foreach (var result in results)
        {
            var word = result.Delivered?.Outcome.ToString() ?? result.Fault.ToString();
            text.Append(result.Mailbox).Append(' ').Append(word);
            if (result.Delivered is { } delivered)
            {
                var id = delivered.Outcome is DeliveryOutcome.Stored or DeliveryOutcome.Replayed ? delivered.Id.ToString() : "-";
                text.Append(CultureInfo.InvariantCulture, $" {id} {(delivered.Connected ? 1 : 0)} {delivered.Expires.ToUnixTimeMilliseconds()}");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    public static IEnumerable<GroupMemberResult> Read(string page) =>
        page.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Parse(line.Split(' ')));

    private static GroupMemberResult Parse(string[] words)
    {
        if (words is [var mailbox, var fault] && Enum.TryParse<StoreFault>(fault, out var known))
        {
            return new GroupMemberResult(mailbox, null, known);
        }

        if (words is [var name, var outcome, var text, var present, var expires] && Enum.TryParse<DeliveryOutcome>(outcome, out var what) &&
            long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var time))
        {
            var id = MessageId.TryParse(text, out var parsed) ? parsed : default;
            return new GroupMemberResult(name, new Delivered(what, id, present == "1", DateTimeOffset.FromUnixTimeMilliseconds(time), null), default);
        }

        throw new StoreException(StoreFault.Conflict, "What should be a member's result in Redis is none.");
    }
}
