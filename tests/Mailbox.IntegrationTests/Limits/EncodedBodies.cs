using System.IO.Compression;
using System.Text;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.BadInput;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Limits;

/// <summary>Bodies that come compressed: what comes out is the body, and its limit is the body's.</summary>
[Collection(BadInputSite.Name)]
public sealed class EncodedBodies(BadInputSite site, ITestOutputHelper output)
{
    private const int MaxMessageBytes = 65_536;

    public static TheoryData<string> Encodings => ["gzip", "x-gzip", "GZip", "deflate", "br"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Every_call_with_a_body_takes_it_compressed(string encoding)
    {
        var mailbox = Names.Fresh("zip");
        (await SendAsync("PUT", MailboxRoutes.ForMailbox(mailbox), encoding, """{"maxMessages":7}""")).Status.ShouldBe(201);
        var text = string.Join('\n', Enumerable.Range(0, 2_000));
        (await SendAsync("POST", MailboxRoutes.ForMessages(mailbox), encoding, text)).Status.ShouldBe(202);
        (await SendAsync("POST", MailboxRoutes.DeliverMany, encoding, $$"""{"to":["{{mailbox}}"],"data":"many"}""")).Status.ShouldBe(200);
        (await SendAsync("POST", MailboxRoutes.ForMessages(mailbox), encoding, "")).Status.ShouldBe(202);
        (await site.InfoAsync(mailbox)).Limits.MaxMessages.ShouldBe(7);
        (await site.ReceiveAsync(mailbox, 3)).ShouldBe([text, "many", ""]);
        var junk = await SendAsync("POST", MailboxRoutes.ForAck(mailbox), encoding, """{"cursor":"junk"}""");
        BadInputSite.TypeOf(junk).ShouldBe(ProblemTypes.InvalidCursor);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task The_limit_holds_for_what_comes_out(string encoding)
    {
        var (mailbox, full) = (await site.PrimedAsync(), Names.Fresh("zip-full"));
        (await SendAsync("POST", MailboxRoutes.ForMessages(full), encoding, new string('a', MaxMessageBytes))).Status.ShouldBe(202);
        await site.RefusesAsync(
            413,
            ProblemTypes.TooLarge,
            () => SendAsync("POST", MailboxRoutes.ForMessages(mailbox), encoding, new string('a', MaxMessageBytes + 1)),
            mailbox);
        await site.WorksAsync(mailbox, "before");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task A_bomb_is_given_up_at_the_limit(string encoding)
    {
        var bomb = Compress(encoding, new byte[60_000_000]);
        bomb.Length.ShouldBeLessThan(MaxMessageBytes);
        output.WriteLine($"{encoding}: {bomb.Length} bytes for 60,000,000");
        var mailbox = await site.PrimedAsync();
        await using var memory = new MemoryWatch(site.Node, output);
        await site.RefusesAsync(
            413,
            ProblemTypes.TooLarge,
            async () =>
            {
                var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ =>
                    site.SendAsync(site.Request("POST", MailboxRoutes.ForMessages(mailbox), ["Content-Encoding: " + encoding], bomb))));
                answers.ShouldAllBe(answer => answer.Status == 413);
                return answers[0];
            },
            mailbox);
        memory.StaysWithin(200);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task What_is_damaged_cut_short_or_has_something_behind_it_is_refused(string encoding)
    {
        var mailbox = await site.PrimedAsync();
        var whole = Compress(encoding, Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(0, 300))));
        var damaged = whole.ToArray();
        damaged[whole.Length / 2] ^= 0xFF;
        foreach (byte[] body in new byte[][]
        {
            encoding == "br" ? [0xFF, 0xFF] : damaged, // that one has no checksum
            whole[..^1], whole[..(whole.Length / 2)], whole[..1], [.. whole, 0], [.. whole, .. "more"u8], [.. whole, .. whole],
            [.. "plain text"u8],
        })
        {
            await site.RefusesAsync(
                400,
                ProblemTypes.InvalidBody,
                () => site.SendAsync(site.Request("POST", MailboxRoutes.ForMessages(mailbox), ["Content-Encoding: " + encoding], body)),
                mailbox);
        }

        await site.WorksAsync(mailbox, "before");
    }

    [Fact]
    public async Task An_encoding_that_is_not_taken_is_told_which_are()
    {
        var response = await site.SendAsync("POST", MailboxRoutes.ForMessages(Names.Fresh("zip")), "x", ("Content-Encoding", "zstd"));
        response.Status.ShouldBe(415);
        response.Header("Accept-Encoding").ShouldBe("gzip, deflate, br");
    }

    private Task<RawResponse> SendAsync(string method, string target, string encoding, string text) => site.SendAsync(site.Request(
        method,
        target,
        [target == MailboxRoutes.DeliverMany ? "Content-Type: application/json" : "Content-Type: text/plain", "Content-Encoding: " + encoding],
        Compress(encoding, Encoding.UTF8.GetBytes(text))));

    private static byte[] Compress(string encoding, byte[] plain)
    {
        var compressed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "deflate" => new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            "br" => new BrotliStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            _ => new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
        })
        {
            stream.Write(plain);
        }

        return compressed.ToArray();
    }
}
