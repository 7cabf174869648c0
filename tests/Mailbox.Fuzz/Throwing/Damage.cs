using System.Globalization;
using System.Text;
using Mailbox.Fuzz.Inputs;
using Mailbox.Fuzz.Running;

namespace Mailbox.Fuzz.Throwing;

/// <summary>Does to a mailbox's keys what an input of <see cref="InputKind.Damage"/> says.</summary>
internal sealed class Damage(Site site)
{
    public async Task DoAsync(Subject subject, string lines)
    {
        foreach (var line in lines.Split('\n'))
        {
            var parts = line.Split(' ', 4);
            var hash = $"mailbox:{{{subject.Name}}}";
            switch (parts)
            {
                case ["list", var what, ..]:
                    await ListAsync(hash + ":messages", what);
                    break;
                case ["hash", var field, .. var change]:
                    await FieldAsync(hash, field, change);
                    break;
                case ["index", var field, .. var change]:
                    await FieldAsync(hash + ":index", field, change);
                    break;
            }
        }
    }

    private Task<object?> ListAsync(string list, string what) => what switch
    {
        "pop" => site.Redis.ExecuteAsync("LPOP", list),
        "trim" => site.Redis.ExecuteAsync("LTRIM", list, 1, 0),
        "drop" => site.Redis.ExecuteAsync("DEL", list),
        "junk" => site.Redis.ExecuteAsync("RPUSH", list, "\u0001junk"),
        // The first there is, whatever the calls before have left.
        _ => site.Redis.ExecuteAsync("EVAL", "if redis.call('LLEN', KEYS[1]) > 0 then redis.call('LSET', KEYS[1], 0, 'x') end", 1, list),
    };

    private async Task FieldAsync(string key, string field, string[] change)
    {
        switch (change)
        {
            case ["-", ..]:
                await site.Redis.ExecuteAsync("HDEL", key, field);
                break;
            case ["=", .. var value]:
                await site.Redis.ExecuteAsync("HSET", key, field, Encoding.Latin1.GetBytes(string.Concat(value)));
                break;
            case ["~", var seed]:
                var present = (byte[]?)await site.Redis.ExecuteAsync("HGET", key, field) ?? [];
                await site.Redis.ExecuteAsync("HSET", key, field, new Chance(int.Parse(seed, CultureInfo.InvariantCulture)).Mutated(present));
                break;
        }
    }
}
