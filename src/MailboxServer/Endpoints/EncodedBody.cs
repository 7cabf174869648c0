using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Extensions.Primitives;

namespace Mailbox.Endpoints;

/// <summary>
/// Takes the encoding off a body, to the last byte: what is damaged, cut short or has something behind it is refused, and
/// what would grow over the limit is given up there. (The framework's gzip stream takes a body that was cut short for whole.)
/// </summary>
internal static class EncodedBody
{
    /// <summary>What a 415 tells in <c>Accept-Encoding</c> (RFC 9110 section 12.5.3).</summary>
    public const string Taken = "gzip, deflate, br";

    private const int DeflateMethod = 8;
    private const byte HasCheckOfHeader = 2, HasExtra = 4, HasName = 8, HasComment = 16, Reserved = 0xE0;

    /// <exception cref="ProblemException">415: none of those that are taken, or several on top of each other.</exception>
    public static BodyEncoding EncodingOf(StringValues header)
    {
        if (header.Count == 0)
        {
            return BodyEncoding.Identity;
        }

        var name = header.Count == 1 ? header[0]!.Trim() : ",";
        return name.Length == 0 || Is("identity") ? BodyEncoding.Identity
            : Is("gzip") || Is("x-gzip") ? BodyEncoding.Gzip
            : Is("deflate") ? BodyEncoding.Deflate
            : Is("br") ? BodyEncoding.Brotli
            : throw new ProblemException(Problem.UnsupportedEncoding);

        bool Is(string one) => name.Equals(one, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Of nothing at all comes nothing: that is what some clients send for an empty body.</summary>
    /// <exception cref="ProblemException">413: more than <paramref name="limit"/> bytes come out. 400: it is damaged.</exception>
    public static byte[] Decode(byte[] body, BodyEncoding encoding, long limit) => encoding switch
    {
        _ when body.Length == 0 => body,
        BodyEncoding.Gzip => OfGzip(body, limit),
        BodyEncoding.Deflate => OfZlib(body, limit),
        BodyEncoding.Brotli => OfBrotli(body, limit),
        _ => body,
    };

    private static byte[] OfGzip(byte[] body, long limit)
    {
        const int Trailer = 8;
        var start = EndOfGzipHeader(body);
        if (start < 0 || start + Trailer > body.Length)
        {
            throw Damaged();
        }

        var plain = Inflate(body, start, body.Length - Trailer, limit);
        var trailer = body.AsSpan(^Trailer..);
        return BinaryPrimitives.ReadUInt32LittleEndian(trailer) == Checksums.Crc32(plain) &&
            BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) == (uint)plain.Length
            ? plain
            : throw Damaged();
    }

    /// <summary>RFC 1952 section 2.3. Negative when it is none.</summary>
    private static int EndOfGzipHeader(ReadOnlySpan<byte> body)
    {
        if (body is not [0x1F, 0x8B, DeflateMethod, var flags, _, _, _, _, _, _, ..] || (flags & Reserved) != 0)
        {
            return -1;
        }

        var at = 10;
        if ((flags & HasExtra) != 0)
        {
            at = at + 2 <= body.Length ? at + 2 + BinaryPrimitives.ReadUInt16LittleEndian(body[at..]) : int.MaxValue;
        }

        foreach (var text in (ReadOnlySpan<byte>)[HasName, HasComment])
        {
            if ((flags & text) != 0 && at < body.Length)
            {
                var end = body[at..].IndexOf((byte)0);
                at = end < 0 ? int.MaxValue : at + end + 1;
            }
        }

        at = (flags & HasCheckOfHeader) != 0 && at < body.Length ? at + 2 : at;
        return at <= body.Length ? at : -1;
    }

    /// <summary>RFC 1950 section 2.2, without a dictionary.</summary>
    private static byte[] OfZlib(byte[] body, long limit)
    {
        const int Header = 2, Trailer = 4, HasDictionary = 0x20;
        if (body.Length < Header + Trailer || (body[0] & 0x0F) != DeflateMethod || (body[1] & HasDictionary) != 0 ||
            BinaryPrimitives.ReadUInt16BigEndian(body) % 31 != 0)
        {
            throw Damaged();
        }

        var plain = Inflate(body, Header, body.Length - Trailer, limit);
        return BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(^Trailer..)) == Checksums.Adler32(plain) ? plain : throw Damaged();
    }

    private static byte[] Inflate(byte[] body, int start, int end, long limit)
    {
        using var source = new ExactSource(body.AsMemory(start..end));
        using var inflating = new DeflateStream(source, CompressionMode.Decompress);
        var plain = new ArrayBufferWriter<byte>(Math.Clamp(body.Length * 4, 256, 64 * 1024));
        try
        {
            int read;
            do
            {
                read = inflating.Read(plain.GetSpan(1));
                plain.Advance(read);
                if (plain.WrittenCount > limit)
                {
                    throw new ProblemException(Problem.TooLarge(limit));
                }
            }
            while (read > 0);
        }
        catch (InvalidDataException)
        {
            throw Damaged();
        }

        return source.IsReadToItsEndOnly ? plain.WrittenSpan.ToArray() : throw Damaged();
    }

    private static byte[] OfBrotli(ReadOnlySpan<byte> body, long limit)
    {
        var plain = new ArrayBufferWriter<byte>(Math.Clamp(body.Length * 4, 256, 64 * 1024));
        using var decoder = default(BrotliDecoder);
        while (true)
        {
            var status = decoder.Decompress(body, plain.GetSpan(256), out var consumed, out var written);
            plain.Advance(written);
            body = body[consumed..];
            if (plain.WrittenCount > limit)
            {
                throw new ProblemException(Problem.TooLarge(limit));
            }

            if (status != OperationStatus.DestinationTooSmall)
            {
                return status == OperationStatus.Done && body.IsEmpty ? plain.WrittenSpan.ToArray() : throw Damaged();
            }
        }
    }

    private static ProblemException Damaged() =>
        new(Problem.InvalidBody("The body is not what its Content-Encoding says, it is cut short, or something stands behind it."));
}
