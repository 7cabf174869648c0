using System.Globalization;
using System.Text;

namespace Mailbox.TestKit;

/// <summary>Takes HTTP/1.1 responses apart (RFC 9112): by length, by chunks, or until the connection closes.</summary>
internal sealed class RawResponseReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly StringBuilder _soFar = new();
    private int _next;
    private int _end;

    /// <summary>The lines so far of the response in hand.</summary>
    public string Describe() => _soFar.ToString();

    public async Task<RawResponse> ReadAsync(bool isHead, CancellationToken cancellationToken)
    {
        while (true)
        {
            _soFar.Clear();
            if (await ReadLineAsync(cancellationToken) is not { } statusLine)
            {
                return new RawResponse("", [], []);
            }

            var headers = await ReadHeadersAsync(cancellationToken);
            var response = new RawResponse(statusLine, headers, []);
            if (response.Status is >= 100 and < 200 and not 101)
            {
                continue;
            }

            return isHead || response.Status is 101 or 204 or 304
                ? response
                : response with { Body = await ReadBodyAsync(response, cancellationToken) };
        }
    }

    private async Task<List<KeyValuePair<string, string>>> ReadHeadersAsync(CancellationToken cancellationToken)
    {
        var headers = new List<KeyValuePair<string, string>>();
        while (await ReadLineAsync(cancellationToken) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(colon < 0
                ? throw new FormatException($"Not a header: {line}")
                : new(line[..colon], line[(colon + 1)..].Trim()));
        }

        return headers;
    }

    private async Task<byte[]> ReadBodyAsync(RawResponse response, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        if (response.Header("Transfer-Encoding") is not null)
        {
            while (await ReadLineAsync(cancellationToken) is { } size)
            {
                var length = int.Parse(size.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                await CopyAsync(body, length, cancellationToken);
                await ReadLineAsync(cancellationToken);
                if (length == 0)
                {
                    break;
                }
            }
        }
        else
        {
            var length = response.Header("Content-Length");
            await CopyAsync(
                body, length is null ? int.MaxValue : int.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        }

        return body.ToArray();
    }

    /// <returns>A line without its end; null when the connection closed before it.</returns>
    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>(128);
        while (await FillAsync(cancellationToken))
        {
            var b = _buffer[_next++];
            if (b == '\n')
            {
                var text = Encoding.Latin1.GetString([.. line]).TrimEnd('\r');
                _soFar.AppendLine(text);
                return text;
            }

            line.Add(b);
        }

        return null;
    }

    private async Task CopyAsync(MemoryStream body, int length, CancellationToken cancellationToken)
    {
        while (length > 0 && await FillAsync(cancellationToken))
        {
            var piece = Math.Min(length, _end - _next);
            body.Write(_buffer.AsSpan(_next, piece));
            _next += piece;
            length -= piece;
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_next < _end)
        {
            return true;
        }

        _next = 0;
        try
        {
            _end = await stream.ReadAsync(_buffer, cancellationToken);
        }
        catch (IOException)
        {
            _end = 0; // reset by the other side: as good as closed
        }

        return _end > 0;
    }
}
