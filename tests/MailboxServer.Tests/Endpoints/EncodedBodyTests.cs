using System.IO.Compression;
using Mailbox.Contracts;
using Mailbox.Endpoints;
using Microsoft.Extensions.Primitives;

namespace MailboxServer.Tests.Endpoints;

public class EncodedBodyTests
{
    [Theory]
    [InlineData("gzip", "Gzip")]
    [InlineData("X-GZIP", "Gzip")]
    [InlineData("deflate", "Deflate")]
    [InlineData("Br", "Brotli")]
    [InlineData("identity", "Identity")]
    [InlineData("", "Identity")]
    [InlineData(" gzip ", "Gzip")]
    public void EncodingOf_OneThatIsTaken_Known(string header, string expected) =>
        EncodedBody.EncodingOf(header).ToString().ShouldBe(expected);

    [Theory]
    [InlineData("zstd")]
    [InlineData("compress")]
    [InlineData("gzip, gzip")]
    [InlineData("gzip,")]
    [InlineData("identity, gzip")]
    [InlineData("*")]
    public void EncodingOf_AnythingElse_Problem(string header)
    {
        var problem = Given.ProblemOf(() => EncodedBody.EncodingOf(header));
        problem.Type.ShouldBe(ProblemTypes.UnsupportedMediaType);
        problem.AcceptEncoding.ShouldBe(EncodedBody.Taken);
    }

    [Fact]
    public void EncodingOf_Twice_Problem() =>
        Given.ProblemOf(() => EncodedBody.EncodingOf(new StringValues(["gzip", "gzip"]))).Status.ShouldBe(415);

    [Theory]
    [InlineData("Gzip")]
    [InlineData("Deflate")]
    [InlineData("Brotli")]
    public void Decode_EveryLength_WholeOrNotAtAll(string name)
    {
        var encoding = Enum.Parse<BodyEncoding>(name);
        var random = new Random(6);
        for (var length = 1; length < 400; length++)
        {
            var plain = new byte[length * (length % 7 == 0 ? 100 : 1)];
            random.NextBytes(plain.AsSpan(plain.Length / 2));
            var body = Encode(encoding, plain);
            EncodedBody.Decode(body, encoding, plain.Length).ShouldBe(plain);
            foreach (byte[] wrong in new byte[][] { body[..^1], body[..random.Next(1, body.Length)], [.. body, 0], [.. body, .. body] })
            {
                Given.ProblemOf(() => EncodedBody.Decode(wrong, encoding, 1_000_000)).Type.ShouldBe(ProblemTypes.InvalidBody, $"{length}");
            }
        }
    }

    [Theory]
    [InlineData("Gzip")]
    [InlineData("Deflate")]
    [InlineData("Brotli")]
    public void Decode_Nothing_Nothing(string name) => EncodedBody.Decode([], Enum.Parse<BodyEncoding>(name), 10).ShouldBeEmpty();

    [Theory]
    [InlineData("Gzip")]
    [InlineData("Deflate")]
    public void Decode_AnyBitOfAnyByteFlipped_RefusedOrTheSame(string name)
    {
        var encoding = Enum.Parse<BodyEncoding>(name);
        var plain = System.Text.Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(0, 60)));
        var body = Encode(encoding, plain);
        for (var bit = 0; bit < body.Length * 8; bit++)
        {
            var flipped = body.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                EncodedBody.Decode(flipped, encoding, 1_000_000).ShouldBe(plain, $"bit {bit}"); // of a time stamp, say
            }
            catch (ProblemException exception)
            {
                exception.Problem.Status.ShouldBeOneOf(400, 413);
            }
        }
    }

    [Fact]
    public void Decode_GzipWithEveryOptionalField_Taken()
    {
        var plain = "with a name"u8.ToArray();
        var body = Encode(BodyEncoding.Gzip, plain);
        byte[] full = [.. body[..3], 2 | 4 | 8 | 16, .. body[4..10], 3, 0, 1, 2, 3, .. "name\0"u8, .. "comment\0"u8, 9, 9, .. body[10..]];
        EncodedBody.Decode(full, BodyEncoding.Gzip, 100).ShouldBe(plain);
        for (var length = 1; length < full.Length; length++)
        {
            Given.ProblemOf(() => EncodedBody.Decode(full[..length], BodyEncoding.Gzip, 100)).Status.ShouldBe(400);
        }
    }

    [Theory]
    [InlineData("Gzip")]
    [InlineData("Deflate")]
    [InlineData("Brotli")]
    public void Decode_OverTheLimit_GivenUpThere(string name)
    {
        var encoding = Enum.Parse<BodyEncoding>(name);
        var body = Encode(encoding, new byte[50_000_000]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Given.ProblemOf(() => EncodedBody.Decode(body, encoding, 1_000)).Status.ShouldBe(413);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000);
        EncodedBody.Decode(Encode(encoding, new byte[1_000]), encoding, 1_000).Length.ShouldBe(1_000);
        Given.ProblemOf(() => EncodedBody.Decode(Encode(encoding, new byte[1_001]), encoding, 1_000)).Status.ShouldBe(413);
    }

    private static byte[] Encode(BodyEncoding encoding, byte[] plain)
    {
        var encoded = new MemoryStream();
        using (Stream stream = encoding switch
        {
            BodyEncoding.Deflate => new ZLibStream(encoded, CompressionLevel.Optimal, leaveOpen: true),
            BodyEncoding.Brotli => new BrotliStream(encoded, CompressionLevel.Optimal, leaveOpen: true),
            _ => new GZipStream(encoded, CompressionLevel.Optimal, leaveOpen: true),
        })
        {
            stream.Write(plain);
        }

        return encoded.ToArray();
    }
}
