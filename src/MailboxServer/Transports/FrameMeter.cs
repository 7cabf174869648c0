using System.Buffers.Binary;

namespace Mailbox.Transports;

/// <summary>
/// Counts the frames that a WebSocket's client sends (RFC 6455 section 5.2), of every kind: the socket answers pings by
/// itself and passes over pongs and empty fragments, so that nobody behind it would notice a flood of them.
/// </summary>
/// <param name="perSecond">How many may come in the long run; twice as many at once.</param>
internal sealed class FrameMeter(int perSecond)
{
    private const int LongestHead = 14;

    private readonly byte[] _head = new byte[LongestHead];
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _filled;
    private ulong _payload;
    private double _left = perSecond * 2.0;
    private long _since = Environment.TickCount64;

    /// <summary>Completes when more came than may.</summary>
    public Task Passed => _passed.Task;

    /// <summary>
    /// Completes when the client was told so. Until then nothing more is read: the socket would answer all of it, and the
    /// close would stand behind that.
    /// </summary>
    public Task Answered => _answered.Task;

    public void Answer() => _answered.TrySetResult();

    /// <summary>These came; one caller at a time.</summary>
    public void Count(ReadOnlySpan<byte> bytes)
    {
        var frames = FramesIn(bytes);
        var now = Environment.TickCount64;
        _left = Math.Min(perSecond * 2.0, _left + ((now - _since) * perSecond / 1000.0)) - frames;
        _since = now;
        if (_left < 0)
        {
            _passed.TrySetResult();
        }
    }

    /// <summary>How many frames' heads end in these bytes.</summary>
    private int FramesIn(ReadOnlySpan<byte> bytes)
    {
        var frames = 0;
        while (!bytes.IsEmpty)
        {
            if (_payload > 0)
            {
                var some = (int)Math.Min(_payload, (ulong)bytes.Length);
                _payload -= (ulong)some;
                bytes = bytes[some..];
                continue;
            }

            _head[_filled++] = bytes[0];
            bytes = bytes[1..];
            if (_filled < 2)
            {
                continue;
            }

            var (isMasked, size) = ((_head[1] & 0x80) != 0, _head[1] & 0x7F);
            var more = size switch { 126 => 2, 127 => 8, _ => 0 };
            if (_filled == 2 + more + (isMasked ? 4 : 0))
            {
                _payload = more switch
                {
                    2 => BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)),
                    8 => BinaryPrimitives.ReadUInt64BigEndian(_head.AsSpan(2)),
                    _ => (ulong)size,
                };
                _filled = 0;
                frames++;
            }
        }

        return frames;
    }
}
