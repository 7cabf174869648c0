using System.Diagnostics;
using System.Text;

namespace Mailbox.Bench.Load;

/// <summary>
/// Delivers as docs/redis-contract.md tells producers to, many transactions before the first answer. Holds back when the
/// receivers are behind: a bare delivery has no answer that says that a mailbox is full.
/// </summary>
internal sealed class BareRedisSender : Connection
{
    private const int MostUnanswered = 200;
    private const int MostUndelivered = 2_000;

    /// <summary>OK; QUEUED three times; an array's head and its three numbers.</summary>
    private const int LinesOfAnswer = 8;

    private readonly Arrivals _arrivals;
    private readonly (byte[] Bytes, int BodyAt)[] _transactions;
    private readonly int[] _sent;
    private readonly int _bodyLength;
    private long _lines;
    private int _turn;

    public BareRedisSender(Loop loop, int port, Arrivals arrivals, IReadOnlyList<string> mailboxes, int bodyLength)
        : base(loop, port)
    {
        _arrivals = arrivals;
        _bodyLength = bodyLength;
        _sent = new int[mailboxes.Count];
        _transactions = [.. mailboxes.Select(mailbox => TransactionOf(mailbox, bodyLength))];
    }

    public long Sent { get; private set; }

    private long Answered => _lines / LinesOfAnswer;

    /// <summary>Sends as much as it may.</summary>
    public void Fill()
    {
        while (Sent - Answered < MostUnanswered && Sent - _arrivals.Count < MostUndelivered)
        {
            var (bytes, bodyAt) = _transactions[_turn];
            new Stamp(Stopwatch.GetTimestamp(), _turn, _sent[_turn]++).Write(bytes.AsSpan(bodyAt, _bodyLength));
            Send(bytes);
            Sent++;
            _turn = (_turn + 1) % _transactions.Length;
        }
    }

    protected override void OnReceived(ReadOnlySpan<byte> bytes)
    {
        _lines += bytes.Count((byte)'\n');
        if (bytes[0] == '-' || bytes.IndexOf("\n-"u8) >= 0)
        {
            _arrivals.Break($"Redis answered {Encoding.ASCII.GetString(bytes[..Math.Min(200, bytes.Length)])}");
        }
    }

    protected override void OnClosed() => _arrivals.Break("Redis closed the sender's connection");

    private static (byte[] Bytes, int BodyAt) TransactionOf(string mailbox, int bodyLength)
    {
        var list = $"mailbox:{{{mailbox}}}:messages";
        var wake = $"mailbox:{{{mailbox}}}:wake";
        var head = $"*1\r\n$5\r\nMULTI\r\n*3\r\n$5\r\nRPUSH\r\n${list.Length}\r\n{list}\r\n${bodyLength}\r\n";
        var tail = $"\r\n*4\r\n$6\r\nEXPIRE\r\n${list.Length}\r\n{list}\r\n$5\r\n86400\r\n$2\r\nNX\r\n" +
            $"*3\r\n$7\r\nPUBLISH\r\n${wake.Length}\r\n{wake}\r\n$1\r\n1\r\n*1\r\n$4\r\nEXEC\r\n";
        return (Encoding.ASCII.GetBytes($"{head}{new string(' ', bodyLength)}{tail}"), head.Length);
    }
}
