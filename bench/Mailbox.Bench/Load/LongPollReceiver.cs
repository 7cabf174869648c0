using System.Text;

namespace Mailbox.Bench.Load;

/// <summary>Asks again as soon as it has its answer, from where that answer ended.</summary>
internal sealed class LongPollReceiver : Receiver, HttpReader.ISink
{
    private readonly Opening _opening;
    private readonly HttpReader _reader;
    private readonly StampReader _stamps;
    private string _position = "";
    private bool _isFirstPiece;

    public LongPollReceiver(Loop loop, int port, Opening opening, Arrivals arrivals, int mailbox, StampReader stamps)
        : base(loop, port, arrivals, mailbox)
    {
        _opening = opening;
        _stamps = stamps;
        _reader = new HttpReader(this);
        Ask();
        IsOpen = true; // nothing tells; what comes before it has opened waits in the mailbox
    }

    public void OnHead(int status, ReadOnlySpan<byte> head)
    {
        _isFirstPiece = true;
        if (status is not (200 or 304))
        {
            Arrivals.Break($"polling mailbox {Mailbox} was answered with {status}");
        }

        if (_opening.CursorParameter is null)
        {
            var text = Encoding.ASCII.GetString(head);
            _position = Line(text, "Last-Modified: ", "If-Modified-Since: ") + Line(text, "Etag: ", "If-None-Match: ");
        }
    }

    // The cursor stands first, within the first piece.
    public void OnBody(ReadOnlySpan<byte> bytes)
    {
        if (_isFirstPiece && _opening.CursorParameter is not null)
        {
            var begin = bytes.IndexOf("\"cursor\":\""u8) + 10;
            _position = Encoding.ASCII.GetString(bytes.Slice(begin, bytes[begin..].IndexOf((byte)'"')));
        }

        _isFirstPiece = false;
        _stamps.Read(bytes);
    }

    public void OnEnd() => Ask();

    protected override void OnReceived(ReadOnlySpan<byte> bytes) => _reader.Read(bytes);

    private void Ask()
    {
        if (_opening.CursorParameter is not null && _position.Length > 0)
        {
            var target = $"{_opening.Target}&{_opening.CursorParameter}={_position}";
            Send((_opening with { Target = target }).Request());
        }
        else
        {
            Send(_opening.Request(_position));
        }
    }

    private static string Line(string head, string name, string asName)
    {
        var begin = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        return begin < 0 ? "" : $"{asName}{head[(begin + name.Length)..head.IndexOf('\r', begin)]}\r\n";
    }
}
