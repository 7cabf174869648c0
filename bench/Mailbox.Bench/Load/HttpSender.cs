namespace Mailbox.Bench.Load;

/// <summary>One keep-alive connection that delivers, one request at a time.</summary>
internal sealed class HttpSender : Connection, HttpReader.ISink
{
    private readonly HttpReader _reader;
    private readonly Arrivals _arrivals;
    private readonly Action<HttpSender> _onAnswered;
    private readonly byte[] _request = new byte[64 * 1024];

    public HttpSender(Loop loop, int port, Arrivals arrivals, Action<HttpSender> onAnswered)
        : base(loop, port)
    {
        _arrivals = arrivals;
        _onAnswered = onAnswered;
        _reader = new HttpReader(this);
    }

    /// <summary>What it has to send once it has its answer.</summary>
    public Queue<(int Mailbox, long Time)> Waiting { get; } = new();

    /// <summary>The mailbox that it delivers to next when there is always more to send.</summary>
    public int Turn { get; set; }

    public bool IsBusy { get; private set; }

    public void Deliver(ReadOnlySpan<byte> head, Stamp stamp, int bodyLength)
    {
        IsBusy = true;
        head.CopyTo(_request);
        stamp.Write(_request.AsSpan(head.Length, bodyLength));
        Send(_request.AsSpan(0, head.Length + bodyLength));
    }

    public void OnHead(int status, ReadOnlySpan<byte> head)
    {
        if (status is < 200 or > 202)
        {
            _arrivals.Break($"a delivery was answered with {status}");
        }
    }

    public void OnBody(ReadOnlySpan<byte> bytes)
    {
    }

    public void OnEnd()
    {
        IsBusy = false;
        _onAnswered(this);
    }

    protected override void OnReceived(ReadOnlySpan<byte> bytes) => _reader.Read(bytes);

    protected override void OnClosed() => _arrivals.Break("a sender's connection was closed");
}
