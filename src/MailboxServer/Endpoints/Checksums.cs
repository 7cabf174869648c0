namespace Mailbox.Endpoints;

/// <summary>What gzip (RFC 1952 section 8) and zlib (RFC 1950 section 9) put behind what they hold.</summary>
internal static class Checksums
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(index => OfByte((uint)index))];

    public static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc = Table[(byte)(crc ^ one)] ^ (crc >> 8);
        }

        return ~crc;
    }

    public static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        const uint Modulus = 65_521;
        const int BeforeOverflow = 5_552;
        var (a, b) = (1u, 0u);
        while (!bytes.IsEmpty)
        {
            var some = bytes[..Math.Min(bytes.Length, BeforeOverflow)];
            foreach (var one in some)
            {
                a += one;
                b += a;
            }

            (a, b) = (a % Modulus, b % Modulus);
            bytes = bytes[some.Length..];
        }

        return (b << 16) | a;
    }

    private static uint OfByte(uint crc)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320 ^ (crc >> 1);
        }

        return crc;
    }
}
