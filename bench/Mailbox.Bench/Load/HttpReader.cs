using System.Buffers.Text;

namespace Mailbox.Bench.Load;

/// <summary>Reads HTTP/1.1 responses as they come in, whatever their pieces.</summary>
internal sealed class HttpReader(HttpReader.ISink sink)
{
    public interface ISink
    {
        void OnHead(int status, ReadOnlySpan<byte> head);

        void OnBody(ReadOnlySpan<byte> bytes);

        /// <summary>The response is complete. Never for one that lasts until its connection ends.</summary>
        void OnEnd();
    }

    private enum State
    {
        Head,
        Fixed,
        ChunkSize,
        Chunk,
        ChunkEnd,
        Trailer,
        UntilClose,
    }

    private State _state;
    private byte[] _head = [];
    private long _left;
    private int _trailerLine;

    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[Step(bytes)..];
        }
    }

    /// <returns>How many bytes it took.</returns>
    private int Step(ReadOnlySpan<byte> bytes) => _state switch
    {
        State.Head => ReadHead(bytes),
        State.Fixed => ReadFixed(bytes),
        State.ChunkSize => ReadChunkSize(bytes),
        State.Chunk => ReadChunk(bytes),
        State.ChunkEnd => Skip(bytes, State.ChunkSize),
        State.Trailer => ReadTrailer(bytes),
        _ => ReadAll(bytes),
    };

    private int ReadHead(ReadOnlySpan<byte> bytes)
    {
        var before = _head.Length;
        ReadOnlySpan<byte> all = before == 0 ? bytes : [.. _head, .. bytes];
        var end = all.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            _head = all.ToArray();
            return bytes.Length;
        }

        _head = [];
        var head = all[..(end + 2)];
        _ = Utf8Parser.TryParse(head[9..], out int status, out _);
        _left = 0;
        if (status == 101)
        {
            _state = State.UntilClose;
        }
        else if (Field(head, "Transfer-Encoding: chunked"u8) >= 0)
        {
            _state = State.ChunkSize;
        }
        else if (Field(head, "Content-Length: "u8) is var length and >= 0)
        {
            _ = Utf8Parser.TryParse(head[length..], out _left, out _);
            _state = State.Fixed;
        }
        else
        {
            _state = status == 204 ? State.Fixed : State.UntilClose;
        }

        sink.OnHead(status, head);
        if (_state == State.Fixed && _left == 0)
        {
            End();
        }

        return end + 4 - before;
    }

    private int ReadFixed(ReadOnlySpan<byte> bytes)
    {
        var count = (int)Math.Min(_left, bytes.Length);
        _left -= count;
        sink.OnBody(bytes[..count]);
        if (_left == 0)
        {
            End();
        }

        return count;
    }

    private int ReadChunkSize(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var digit = Stamp.ValueOf(bytes[i]);
            if (digit >= 0)
            {
                _left = (_left << 4) | (uint)digit;
            }
            else if (bytes[i] == '\n')
            {
                _state = _left == 0 ? State.Trailer : State.Chunk;
                _trailerLine = 0;
                return i + 1;
            }
        }

        return bytes.Length;
    }

    private int ReadChunk(ReadOnlySpan<byte> bytes)
    {
        var count = (int)Math.Min(_left, bytes.Length);
        _left -= count;
        if (_left == 0)
        {
            _state = State.ChunkEnd;
            _left = 2;
        }

        sink.OnBody(bytes[..count]);
        return count;
    }

    private int Skip(ReadOnlySpan<byte> bytes, State next)
    {
        var count = (int)Math.Min(_left, bytes.Length);
        _left -= count;
        if (_left == 0)
        {
            _state = next;
        }

        return count;
    }

    // Ends with an empty line; none of the servers here sends a trailer.
    private int ReadTrailer(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\n')
            {
                if (_trailerLine == 0)
                {
                    End();
                    return i + 1;
                }

                _trailerLine = 0;
            }
            else if (bytes[i] != '\r')
            {
                _trailerLine++;
            }
        }

        return bytes.Length;
    }

    private int ReadAll(ReadOnlySpan<byte> bytes)
    {
        sink.OnBody(bytes);
        return bytes.Length;
    }

    private void End()
    {
        _state = State.Head;
        sink.OnEnd();
    }

    /// <returns>Where its value begins; -1 when it is not there.</returns>
    private static int Field(ReadOnlySpan<byte> head, ReadOnlySpan<byte> line)
    {
        for (var at = head.IndexOf("\r\n"u8); at >= 0 && at + 2 + line.Length <= head.Length;)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(head.Slice(at + 2, line.Length), line))
            {
                return at + 2 + line.Length;
            }

            var next = head[(at + 2)..].IndexOf("\r\n"u8);
            at = next < 0 ? -1 : at + 2 + next;
        }

        return -1;
    }
}
