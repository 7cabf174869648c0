using System.Globalization;
using System.Text;

namespace Mailbox.TestKit;

/// <summary>
/// Parses the event stream format by the letter (WHATWG HTML, section 9.2.6), fed with pieces as they come: a line ends at
/// CR, LF or CRLF, wherever the pieces are cut.
/// </summary>
public sealed class SseParser
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private readonly List<byte> _line = [];
    private readonly StringBuilder _data = new();
    private string _type = "";
    private string _idBuffer = "";
    private bool _hasData;
    private bool _isAfterReturn;
    private bool _isFirstLine = true;

    /// <summary>The id that a reconnect would present. Takes effect at the event's blank line, with or without data.</summary>
    public string LastEventId { get; private set; } = "";

    public int? RetryMilliseconds { get; private set; }

    public int CommentCount { get; private set; }

    /// <summary>The events that these bytes complete. What the stream ends in the middle of is never one.</summary>
    public IReadOnlyList<SseEvent> Feed(ReadOnlySpan<byte> bytes)
    {
        var events = new List<SseEvent>();
        foreach (var b in bytes)
        {
            var completesPair = b == '\n' && _isAfterReturn;
            _isAfterReturn = b == '\r';
            if (completesPair)
            {
                continue; // the line ended at its CR
            }

            if (b is (byte)'\r' or (byte)'\n')
            {
                EndLine(events);
            }
            else
            {
                _line.Add(b);
            }
        }

        return events;
    }

    private void EndLine(List<SseEvent> events)
    {
        var bytes = _line.ToArray().AsSpan();
        _line.Clear();
        if (_isFirstLine && bytes.StartsWith(ByteOrderMark))
        {
            bytes = bytes[ByteOrderMark.Length..];
        }

        _isFirstLine = false;
        var line = Encoding.UTF8.GetString(bytes);
        if (line.Length == 0)
        {
            EndEvent(events);
            return;
        }

        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon == 0)
        {
            CommentCount++;
            return;
        }

        var name = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? "" : line[(colon + 1)..];
        Take(name, value.StartsWith(' ') ? value[1..] : value);
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "event":
                _type = value;
                break;
            case "data":
                _data.Append(value).Append('\n');
                _hasData = true;
                break;
            case "id" when !value.Contains('\0', StringComparison.Ordinal):
                _idBuffer = value;
                break;
            case "retry" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds):
                RetryMilliseconds = milliseconds;
                break;
        }
    }

    private void EndEvent(List<SseEvent> events)
    {
        LastEventId = _idBuffer;
        if (_hasData)
        {
            events.Add(new SseEvent(_type, _data.ToString(0, _data.Length - 1), LastEventId));
        }

        _data.Clear();
        _hasData = false;
        _type = "";
    }
}
