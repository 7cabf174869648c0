using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mailbox.Redis;

/// <summary>A Lua script as it is sent: its text, and the SHA-1 by which the server knows it once it has seen it.</summary>
internal sealed record RedisScript(string Name, string Text, byte[] Hash);

/// <summary>
/// The scripts, put together from the embedded files: the node's settings, the shared state, then the script itself.
/// </summary>
internal sealed class RedisScripts
{
    /// <summary>What other languages call by FCALL.</summary>
    public const string Function = "mailbox_deliver";

    private const string Run = "local RUN = {}\n";

    private readonly string _prelude;
    private readonly string _library;

    public RedisScripts(MailboxOptions options)
    {
        var defaults = DefaultsOf(options);
        var state = Read("entries") + Read("names") + Read("state") + Read("leaving");
        var (index, plain) = (Read("index"), Read("plain"));
        _prelude = defaults + state;

        // The common delivery returns before the shared state is even defined: that alone would cost as much again.
        Deliver = Make("deliver", defaults + Run + plain + state + index);
        DeliverBatch = Make(
            "batch",
            defaults + Run + "local function deliver_long(KEYS, ARGV)\n" + state + index + Read("deliver") + "end\n"
                + "local function deliver(KEYS, ARGV)\n" + plain + "return deliver_long(KEYS, ARGV)\nend\n");
        Open = Make("open");
        Take = Make("take");
        Ack = Make("ack");
        Leave = Make("leave");
        Peek = Make("peek");
        TakeBack = Make("takeback");
        Configure = Make("configure");
        Info = Make("info");
        Watch = Make("watch");
        Dismiss = Make("dismiss");
        Remove = Make("remove");
        List = Make("list", "");
        Ticket = Make("ticket", "");
        Revoke = Make("revoke", "");
        Reserve = Make("reserve", "");
        Unreserve = Make("unreserve", "");
        Recount = Make("recount", "");
        var group = defaults + Read("entries") + Read("group");
        GroupDeliver = Make("groupdeliver", group);
        GroupRound = Make("groupround", group);
        GroupYield = Make("groupyield", group);
        GroupJoin = Make("groupjoin", group);
        GroupResults = Make("groupresults", "");
        GroupForget = Make("groupforget", "");
        _library = _prelude + index
            + "local function deliver(KEYS, ARGV)\n" + Run + plain + Read("deliver") + "end\n" + Read("function");
    }

    public RedisScript Deliver { get; }

    /// <summary>Several deliveries at once, to mailboxes whose keys one server holds.</summary>
    public RedisScript DeliverBatch { get; }

    public RedisScript Open { get; }

    public RedisScript Take { get; }

    public RedisScript Ack { get; }

    public RedisScript Leave { get; }

    public RedisScript Peek { get; }

    public RedisScript TakeBack { get; }

    public RedisScript Configure { get; }

    public RedisScript Info { get; }

    public RedisScript Watch { get; }

    public RedisScript Dismiss { get; }

    public RedisScript Remove { get; }

    public RedisScript List { get; }

    public RedisScript Ticket { get; }

    public RedisScript Revoke { get; }

    public RedisScript Reserve { get; }

    public RedisScript Unreserve { get; }

    public RedisScript Recount { get; }

    public RedisScript GroupDeliver { get; }

    public RedisScript GroupRound { get; }

    public RedisScript GroupYield { get; }

    public RedisScript GroupJoin { get; }

    public RedisScript GroupResults { get; }

    public RedisScript GroupForget { get; }

    /// <summary>The function library, for engines that have functions; in front of its text, as a comment, a key's hash tag.</summary>
    public string LibraryTagged(string tag) => "#!lua name=mailbox\n-- " + tag + "\n" + _library;

    private static string DefaultsOf(MailboxOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        local DEFAULTS = { maxMessages = {{options.MaxMessages}}, maxBytes = {{options.MaxBytes}},
          maxMessageBytes = {{options.MaxMessageBytes}}, maxEntryBytes = {{options.MaxEntryBytes}},
          overflow = '{{OverflowNames.Of(options.Overflow)}}', timeToLive = {{(long)options.TimeToLive.TotalMilliseconds}},
          resumeLength = {{options.ResumeLength}} }
        -- A wake carries its message up to this many bytes, and this many in a row to a receiver that does not acknowledge.
        local MOST_CARRIED_BYTES, MOST_CARRIED = 4096, 50

        """);

    private static string Read(string name)
    {
        using var stream = typeof(RedisScripts).Assembly.GetManifestResourceStream(name + ".lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not embedded.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private RedisScript Make(string name) => Make(name, _prelude);

    private static RedisScript Make(string name, string prelude)
    {
        var text = prelude + Read(name);
#pragma warning disable CA5350 // Redis names scripts by their SHA-1; nothing is protected by it.
        return new RedisScript(name, text, SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }
}
