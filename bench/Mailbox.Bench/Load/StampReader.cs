namespace Mailbox.Bench.Load;

/// <summary>Finds the bodies in one receiver's stream, whatever is written around them, and checks them to their last byte.</summary>
internal sealed class StampReader(Arrivals arrivals, int mailbox, int bodyLength)
{
    private readonly byte[] _stamp = new byte[Stamp.Length];
    private int _have;
    private int _left;

    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left == 0)
            {
                var begin = bytes.IndexOf(Stamp.Begin);
                if (begin < 0)
                {
                    return;
                }

                bytes = bytes[begin..];
                _left = bodyLength;
                _have = 0;
            }

            var count = Math.Min(_left, bytes.Length);
            if (_have < Stamp.Length)
            {
                var more = Math.Min(count, Stamp.Length - _have);
                bytes[..more].CopyTo(_stamp.AsSpan(_have));
                _have += more;
            }

            _left -= count;
            if (_left == 0)
            {
                arrivals.Add(Stamp.Read(_stamp), mailbox, isWhole: bytes[count - 1] == Stamp.End);
            }

            bytes = bytes[count..];
        }
    }
}
