namespace Mailbox.Endpoints;

/// <summary>
/// Hands out compressed bytes, the last ones singly, so that it is seen where their reader found the end: it asks no
/// further then, while one that misses something asks for more.
/// </summary>
internal sealed class ExactSource(ReadOnlyMemory<byte> bytes) : Stream
{
    /// <summary>A reader that has found the end earlier than this leaves some of them.</summary>
    private const int Singly = 16;

    private int _at;
    private bool _isAskedForMore;

    /// <summary>Nothing was left, and nothing was missed.</summary>
    public bool IsReadToItsEndOnly => _at == bytes.Length && !_isAskedForMore;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var left = bytes.Length - _at;
        _isAskedForMore |= left == 0;
        var count = Math.Min(left > Singly ? left - Singly : Math.Min(left, 1), buffer.Length);
        bytes.Span.Slice(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
