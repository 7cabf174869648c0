using System.Text;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;
using Mailbox.Proxy;

namespace MailboxServer.Tests.Proxy;

/// <summary>However a body is cut into reads, its messages are the same.</summary>
public sealed class SplitMessagesTests
{
    private const int Limit = 100;

    private static readonly string Long = new('x', Limit);

    public static TheoryData<string, string, string[]> Bodies => new()
    {
        { "Lines", "", [] },
        { "Lines", "\n\r\n  \n", [] },
        { "Lines", "a\r\nb\n\nc", ["a", "b", "c"] },
        { "Lines", "a\rb\n", ["a\rb"] },
        { "Lines", $"{Long}\r\n{Long}\n{Long}", [Long, Long, Long] },
        { "Sse", "", [] },
        { "Sse", "data: a\n\ndata: b\r\rdata: c\r\n\r\ndata: not whole\n", ["a", "b", "c"] },
        { "Sse", "data\r\ndata\r\n\r\n", ["\n"] },
        { "Sse", "\uFEFFdata:\uFEFFa\n\n\uFEFFdata: none\n\n", ["\uFEFFa"] },
        { "Sse", $"data: {Long}\n\n:{Long}\ndata:{Long[..50]}\ndata:{Long[..49]}\n\n", [Long, Long[..50] + "\n" + Long[..49]] },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Next_HoweverTheBodyIsCut_IsTheSame(string splitting, string body, string[] messages)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        foreach (var cut in new[] { 1, 2, 3, 7, 4_096 })
        {
            (await ReadAsync(splitting, bytes, cut)).ShouldBe(messages, $"in reads of {cut}");
        }
    }

    [Theory]
    [InlineData("Lines", "{0}x\n")]
    [InlineData("Lines", "{0}x")]
    [InlineData("Lines", "{0}x\r\n")]
    [InlineData("Sse", "data: {0}x\n\n")]
    [InlineData("Sse", "data: {0}\ndata\n\n")]
    public async Task Next_OneByteOverTheLimit_IsRefused(string splitting, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body.Replace("{0}", Long, StringComparison.Ordinal));
        foreach (var cut in new[] { 1, 4_096 })
        {
            var refused = await Should.ThrowAsync<ProblemException>(() => ReadAsync(splitting, bytes, cut));
            refused.Problem.Type.ShouldBe(Mailbox.Contracts.ProblemTypes.BackendTooLarge);
        }
    }

    [Fact]
    public async Task Next_ALineWithoutAnEnd_HoldsNoMoreThanTheLimit()
    {
        await using var endless = new Endless();
        await Should.ThrowAsync<ProblemException>(() => ReadAsync("Lines", endless));
        endless.Given.ShouldBeLessThan(20_000);
    }

    private static async Task<string[]> ReadAsync(string splitting, byte[] body, int cut)
    {
        await using var stream = new Cut(body, cut);
        return await ReadAsync(splitting, stream);
    }

    private static async Task<string[]> ReadAsync(string splitting, Stream stream)
    {
        var said = new ForMailboxes
        {
            Mailboxes = ["m"],
            Groups = [],
            Delivery = new Delivery { Body = default },
            Splitting = Enum.Parse<Splitting>(splitting),
            CallerGets = CallerGets.Results,
            Encoding = BodyEncoding.Identity,
        };
        var messages = new SplitMessages(said, stream, Limit);
        var texts = new List<string>();
        while (await messages.NextAsync(() => TestContext.Current.CancellationToken) is { } message)
        {
            texts.Add(Encoding.UTF8.GetString(message.Body.Span));
        }

        messages.Count.ShouldBe(texts.Count);
        return [.. texts];
    }

    /// <summary>Gives no more than so many bytes at a time.</summary>
    private sealed class Cut(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
    }

    /// <summary>Never comes to an end.</summary>
    private sealed class Endless : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
