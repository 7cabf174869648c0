using System.Text;

namespace Mailbox.Bench.Load;

/// <summary>Reads server-sent events or NDJSON.</summary>
internal sealed class StreamReceiver : Receiver, HttpReader.ISink
{
    private readonly HttpReader _reader;
    private readonly StampReader _stamps;
    private readonly bool _keepsCursor;

    public StreamReceiver(Loop loop, int port, Opening opening, Arrivals arrivals, int mailbox, StampReader stamps)
        : base(loop, port, arrivals, mailbox)
    {
        _stamps = stamps;
        _keepsCursor = opening is { KeepsCursor: true, Transport: Transport.Sse };
        _reader = new HttpReader(this);
        Send(opening.Request());
    }

    public void OnHead(int status, ReadOnlySpan<byte> head)
    {
        IsOpen = status == 200;
        if (!IsOpen)
        {
            Arrivals.Break($"opening mailbox {Mailbox} was answered with {status}");
        }
    }

    public void OnBody(ReadOnlySpan<byte> bytes)
    {
        _stamps.Read(bytes);
        if (_keepsCursor)
        {
            ReadCursor(bytes);
        }
    }

    public void OnEnd() => OnClosed();

    protected override void OnReceived(ReadOnlySpan<byte> bytes) => _reader.Read(bytes);

    private void ReadCursor(ReadOnlySpan<byte> bytes)
    {
        var begin = bytes.LastIndexOf("id: "u8);
        var end = begin < 0 ? -1 : bytes[begin..].IndexOf((byte)'\n');
        if (end >= 0)
        {
            Cursor = Encoding.ASCII.GetString(bytes.Slice(begin + 4, end - 4));
        }
    }
}
