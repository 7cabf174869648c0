using System.Text;

namespace MailboxServer.Tests.Transports;

/// <summary>An event as an EventSource dispatches it.</summary>
internal sealed record DispatchedEvent(string Type, string Data, string LastEventId);

/// <summary>
/// Interprets a whole event stream by the steps of WHATWG HTML, section 9.2.6, in their words, and independently of any
/// other parser here: what it says is what a browser does.
/// </summary>
internal sealed class EventStream
{
    private readonly StringBuilder _data = new();
    private string _eventType = "";
    private string _lastEventIdBuffer = "";

    private EventStream()
    {
    }

    public List<DispatchedEvent> Events { get; } = [];

    public List<string> Comments { get; } = [];

    /// <summary>Fields that an EventSource ignores: none of ours may be one.</summary>
    public List<string> Ignored { get; } = [];

    public string LastEventId { get; private set; } = "";

    public int? ReconnectionTime { get; private set; }

    public static EventStream Interpret(ReadOnlySpan<byte> bytes)
    {
        // "Streams must be decoded using the UTF-8 decode algorithm", which strips one leading byte order mark.
        var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetString(bytes);
        if (text.StartsWith('\uFEFF')) text = text[1..];

        var stream = new EventStream();
        var line = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('\r' or '\n'))
            {
                line.Append(text[i]);
                continue;
            }

            if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n') i++;
            stream.ProcessLine(line.ToString());
            line.Clear();
        }

        line.Length.ShouldBe(0, "the stream ends in the middle of a line");
        stream._data.Length.ShouldBe(0, "the stream ends in the middle of an event");
        return stream;
    }

    private void ProcessLine(string line)
    {
        if (line.Length == 0)
        {
            Dispatch();
        }
        else if (line[0] == ':')
        {
            Comments.Add(line[1..]);
        }
        else if (line.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0)
        {
            var value = line[(colon + 1)..];
            ProcessField(line[..colon], value.StartsWith(' ') ? value[1..] : value);
        }
        else
        {
            ProcessField(line, "");
        }
    }

    private void ProcessField(string name, string value)
    {
        if (name == "event")
        {
            _eventType = value;
        }
        else if (name == "data")
        {
            _data.Append(value).Append('\n');
        }
        else if (name == "id" && !value.Contains('\0', StringComparison.Ordinal))
        {
            _lastEventIdBuffer = value;
        }
        else if (name == "retry" && value.All(char.IsAsciiDigit))
        {
            ReconnectionTime = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
        }
        else
        {
            Ignored.Add(name);
        }
    }

    private void Dispatch()
    {
        LastEventId = _lastEventIdBuffer;
        if (_data.Length > 0)
        {
            Events.Add(new DispatchedEvent(_eventType.Length > 0 ? _eventType : "message", _data.ToString(0, _data.Length - 1), LastEventId));
        }

        _data.Clear();
        _eventType = "";
    }
}
