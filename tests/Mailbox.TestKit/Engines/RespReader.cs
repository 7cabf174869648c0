using System.Globalization;
using System.Text;

namespace Mailbox.TestKit;

/// <summary>Reads RESP2 replies: <c>+status</c>, <c>-error</c>, <c>:integer</c>, <c>$bulk</c>, <c>*array</c>.</summary>
internal sealed class RespReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _next;
    private int _end;

    /// <returns>string, <see cref="RedisErrorException"/>, long, byte[], object?[] or null.</returns>
    public async Task<object?> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken);
        var rest = line[1..];
        switch (line[0])
        {
            case '+':
                return rest;
            case '-':
                return new RedisErrorException(rest);
            case ':':
                return long.Parse(rest, CultureInfo.InvariantCulture);
            case '$':
                var length = int.Parse(rest, CultureInfo.InvariantCulture);
                return length < 0 ? null : await ReadBulkAsync(length, cancellationToken);
            case '*':
                var count = int.Parse(rest, CultureInfo.InvariantCulture);
                if (count < 0)
                {
                    return null;
                }

                var items = new object?[count];
                for (var i = 0; i < count; i++)
                {
                    items[i] = await ReadAsync(cancellationToken);
                }

                return items;
            default:
                throw new FormatException($"Not a RESP2 reply: {line}");
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>(64);
        while (true)
        {
            var b = await ReadByteAsync(cancellationToken);
            if (b == '\n')
            {
                return line.Count > 1 && line[^1] == '\r'
                    ? Encoding.UTF8.GetString([.. line], 0, line.Count - 1)
                    : throw new FormatException("A RESP line that is empty or does not end in CRLF.");
            }

            line.Add(b);
        }
    }

    private async Task<byte[]> ReadBulkAsync(int length, CancellationToken cancellationToken)
    {
        var bulk = new byte[length];
        var filled = Math.Min(length, _end - _next);
        Array.Copy(_buffer, _next, bulk, 0, filled);
        _next += filled;
        await stream.ReadExactlyAsync(bulk.AsMemory(filled), cancellationToken);
        if (await ReadByteAsync(cancellationToken) != '\r' || await ReadByteAsync(cancellationToken) != '\n')
        {
            throw new FormatException("A RESP bulk string that does not end in CRLF.");
        }

        return bulk;
    }

    private async ValueTask<byte> ReadByteAsync(CancellationToken cancellationToken)
    {
        if (_next == _end)
        {
            _next = 0;
            _end = await stream.ReadAsync(_buffer, cancellationToken);
            if (_end == 0)
            {
                throw new EndOfStreamException("Redis closed the connection.");
            }
        }

        return _buffer[_next++];
    }
}
