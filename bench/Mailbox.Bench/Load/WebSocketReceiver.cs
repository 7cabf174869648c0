using System.Buffers.Binary;
using System.Text;

namespace Mailbox.Bench.Load;

/// <summary>Reads the frames of RFC 6455, answers pings, and says hello where the server wants one.</summary>
internal sealed class WebSocketReceiver : Receiver, HttpReader.ISink
{
    private const string Upgrade =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

    private const int Text = 1;
    private const int CloseFrame = 8;
    private const int Ping = 9;
    private const int Pong = 10;

    private readonly Opening _opening;
    private readonly HttpReader _reader;
    private readonly StampReader _stamps;
    private readonly byte[] _head = new byte[10];
    private int _headLength;
    private long _left;

    public WebSocketReceiver(Loop loop, int port, Opening opening, Arrivals arrivals, int mailbox, StampReader stamps)
        : base(loop, port, arrivals, mailbox)
    {
        _opening = opening;
        _stamps = stamps;
        _reader = new HttpReader(this);
        Send(opening.Request(Upgrade));
    }

    private int Kind => _head[0] & 15;

    public void OnHead(int status, ReadOnlySpan<byte> head)
    {
        if (status != 101)
        {
            Arrivals.Break($"opening mailbox {Mailbox} was answered with {status}");
            return;
        }

        if (_opening.Hello is { } hello)
        {
            SendFrame(Text, Encoding.ASCII.GetBytes(hello));
        }

        IsOpen = _opening.Opened is null;
    }

    public void OnBody(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left == 0 && !ReadHead(ref bytes))
            {
                return;
            }

            var count = (int)Math.Min(_left, bytes.Length);
            _left -= count;
            OnPayload(bytes[..count]);
            bytes = bytes[count..];
        }
    }

    public void OnEnd() => OnClosed();

    protected override void OnReceived(ReadOnlySpan<byte> bytes) => _reader.Read(bytes);

    /// <returns>False when the frame's head is not complete.</returns>
    private bool ReadHead(ref ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _head[_headLength++] = bytes[0];
            bytes = bytes[1..];
            var size = _headLength < 2 ? 0 : _head[1] & 127;
            if (_headLength == (size switch { 126 => 4, 127 => 10, _ => 2 }))
            {
                _headLength = 0;
                _left = size switch
                {
                    126 => BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)),
                    127 => BinaryPrimitives.ReadInt64BigEndian(_head.AsSpan(2)),
                    _ => size,
                };
                if (_left == 0 && Kind == Ping)
                {
                    SendFrame(Pong, []);
                }

                return true;
            }
        }

        return false;
    }

    private void OnPayload(ReadOnlySpan<byte> bytes)
    {
        switch (Kind)
        {
            case CloseFrame:
                OnClosed();
                break;
            case Ping:
                SendFrame(Pong, bytes); // a ping is never in two pieces here: the servers send none longer than a few bytes
                break;
            default:
                if (_opening.Opened is { } opened)
                {
                    OnHubMessage(bytes, opened);
                }

                _stamps.Read(bytes);
                break;
        }
    }

    // A hub that hears nothing for 30 s hangs up: answer its own sign of life.
    private void OnHubMessage(ReadOnlySpan<byte> bytes, string opened)
    {
        if (!IsOpen)
        {
            IsOpen = Encoding.ASCII.GetString(bytes).Contains(opened, StringComparison.Ordinal);
        }
        else if (bytes.StartsWith("{\"type\":6}"u8))
        {
            SendFrame(Text, bytes);
        }
    }

    // Masked, as a client must, with a key of zeros that changes nothing.
    private void SendFrame(int kind, ReadOnlySpan<byte> payload) =>
        Send([(byte)(0x80 | kind), (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. payload]);
}
