using Mailbox.Endpoints;

namespace Mailbox.Proxy;

/// <summary>
/// The lines of a stream as they come, without what ends them. It holds one line at most, and gives up a line that is over
/// the limit. What stands after the last line's end is a line if the stream ended well: whether it may count, its reader says.
/// </summary>
/// <param name="stream">Read by nobody else.</param>
/// <param name="limit">The most bytes of a line.</param>
/// <param name="endsAtCarriageReturn">Whether a carriage return ends a line by itself, as in an event stream.</param>
internal sealed class StreamedLines(Stream stream, int limit, bool endsAtCarriageReturn)
{
    private const byte LineFeed = (byte)'\n', CarriageReturn = (byte)'\r';
    private const int Some = 4 * 1024;

    private byte[] _buffer = new byte[Some];
    private int _from, _to, _looked;
    private bool _skipsLineFeed, _isAtEnd;

    /// <summary>Whether the line that was given last had its end.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Null at the end. What is given holds until the next is asked for.</summary>
    /// <param name="arm">Called before each read, with what ends a wait.</param>
    /// <exception cref="ProblemException">502: a line is over the limit.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(Func<CancellationToken> arm)
    {
        while (true)
        {
            if (TryTakeLine(out var line))
            {
                return line;
            }

            if (_to - _from > limit + 1) // a carriage return may be the first half of its end
            {
                throw new ProblemException(ProxyProblems.TooLarge(limit));
            }

            if (_isAtEnd)
            {
                IsWhole = false;
                line = _buffer.AsMemory(_from, _to - _from);
                _from = _looked = _to;
                if (line.IsEmpty)
                {
                    return null;
                }

                return Checked(line);
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_to), arm());
            _isAtEnd = read == 0;
            _to += read;
        }
    }

    private bool TryTakeLine(out ReadOnlyMemory<byte> line)
    {
        if (_skipsLineFeed && _from < _to)
        {
            _skipsLineFeed = false;
            if (_buffer[_from] == LineFeed)
            {
                _from++;
            }
        }

        _looked = Math.Max(_looked, _from);
        var rest = _buffer.AsSpan(_looked, _to - _looked);
        var end = endsAtCarriageReturn ? rest.IndexOfAny(LineFeed, CarriageReturn) : rest.IndexOf(LineFeed);
        if (end < 0)
        {
            _looked = _to;
            line = default;
            return false;
        }

        end += _looked;
        _skipsLineFeed = _buffer[end] == CarriageReturn;
        line = _buffer.AsMemory(_from, end - _from);
        _from = _looked = end + 1;
        if (!endsAtCarriageReturn && line.Span is [.., CarriageReturn])
        {
            line = line[..^1];
        }

        line = Checked(line);
        IsWhole = true;
        return true;
    }

    private ReadOnlyMemory<byte> Checked(ReadOnlyMemory<byte> line) =>
        line.Length <= limit ? line : throw new ProblemException(ProxyProblems.TooLarge(limit));

    private void MakeRoom()
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            (_looked, _to, _from) = (_looked - _from, _to - _from, 0);
        }

        if (_buffer.Length - _to < Some)
        {
            Array.Resize(ref _buffer, Math.Max(_to + Some, Math.Min(_buffer.Length * 2, limit + (2 * Some))));
        }
    }
}
