using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Mailbox.Contracts;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;

namespace Mailbox.Proxy;

/// <summary>The messages of a body that is many, one after the other as they come.</summary>
internal sealed class SplitMessages
{
    /// <summary>A field's name and the colon, beside the longest data.</summary>
    private const int BesideData = 64;

    private readonly ForMailboxes _said;
    private readonly StreamedLines _lines;
    private readonly Delivery _template;
    private readonly int _limit;
    private bool _hasBegun;

    /// <param name="said">The answer's headers.</param>
    /// <param name="stream">Its body, without its encoding.</param>
    /// <param name="limit">The most bytes of one message.</param>
    /// <exception cref="ProblemException">502: the headers do not go together with a body that is many messages.</exception>
    public SplitMessages(ForMailboxes said, Stream stream, int limit)
    {
        // A number is put behind the key, so that each message has one of its own and a repetition has the same.
        const int LongestNumber = 11;
        if (said.Delivery.IdempotencyKey is { } key && key.Length > MessageRules.MaxIdempotencyKeyLength - LongestNumber)
        {
            throw new ProblemException(ProxyProblems.Header(
                MailboxHeaders.IdempotencyKey, $"At most {MessageRules.MaxIdempotencyKeyLength - LongestNumber} characters beside {MailboxHeaders.Split}."));
        }

        var isSse = said.Splitting == Splitting.Sse;
        _said = said;
        _limit = limit;
        _lines = new StreamedLines(stream, isSse ? limit + BesideData : limit, isSse);
        _template = said.Delivery with { ContentType = ContentTypeOf(said) };
    }

    /// <summary>How many were given.</summary>
    public long Count { get; private set; }

    /// <summary>Null at the end.</summary>
    /// <param name="arm">Called before each read, with what ends a wait.</param>
    /// <exception cref="ProblemException">502: a message is over the limit, or an event's type is none that a message may have.</exception>
    /// <exception cref="IOException">The body broke off.</exception>
    public async ValueTask<Delivery?> NextAsync(Func<CancellationToken> arm)
    {
        var next = _said.Splitting == Splitting.Sse ? await NextEventAsync(arm) : await NextLineAsync(arm);
        if (next is not null)
        {
            Count++;
            next = _template.IdempotencyKey is { } key ? next with { IdempotencyKey = $"{key}.{Count}" } : next;
        }

        return next;
    }

    private async ValueTask<Delivery?> NextLineAsync(Func<CancellationToken> arm)
    {
        while (await _lines.NextAsync(arm) is { } line)
        {
            if (line.Span.ContainsAnyExcept((byte)' ', (byte)'\t'))
            {
                return _template with { Body = line.ToArray() };
            }
        }

        return null;
    }

    /// <summary>WHATWG HTML section 9.2.6; what stands before the end without an empty line behind it is no event.</summary>
    private async ValueTask<Delivery?> NextEventAsync(Func<CancellationToken> arm)
    {
        var data = new ArrayBufferWriter<byte>();
        var hasData = false;
        string? type = null;
        while (await _lines.NextAsync(arm) is { } read)
        {
            var line = WithoutMark(read);
            if (line.IsEmpty && _lines.IsWhole)
            {
                if (hasData)
                {
                    return Event(data.WrittenSpan, type);
                }

                type = null;
                continue;
            }

            var (name, value) = FieldOf(line.Span);
            if (name.SequenceEqual("data"u8))
            {
                if (hasData)
                {
                    data.Write("\n"u8);
                }

                hasData = true;
                data.Write(value);
                if (data.WrittenCount > _limit)
                {
                    throw new ProblemException(ProxyProblems.TooLarge(_limit));
                }
            }
            else if (name.SequenceEqual("event"u8))
            {
                type = Encoding.UTF8.GetString(value);
            }
        }

        return null;
    }

    private Delivery Event(ReadOnlySpan<byte> data, string? type)
    {
        // An event stream is UTF-8, and what is not is replaced where it is read.
        var body = Utf8.IsValid(data) ? data.ToArray() : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(data));
        if (type is null or "" or "message")
        {
            return _template with { Body = body };
        }

        return MessageRules.IsType(type)
            ? _template with { Body = body, Type = type }
            : throw new ProblemException(ProxyProblems.Header(MailboxHeaders.Split, "An event's name is none that a message's type may be."));
    }

    private ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> line)
    {
        var isFirst = !_hasBegun;
        _hasBegun = true;
        return isFirst && line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line;
    }

    private static Field FieldOf(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon < 0)
        {
            return new Field(line, default);
        }

        var value = line[(colon + 1)..];
        return new Field(line[..colon], value is [(byte)' ', ..] ? value[1..] : value);
    }

    /// <summary>A line of NDJSON is JSON, and an event's data is text; of another type, each line is of that type.</summary>
    private static string? ContentTypeOf(ForMailboxes said)
    {
        var type = said.Delivery.ContentType;
        var media = (type ?? "").Split(';')[0].Trim();
        return media.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase) ? "text/plain; charset=utf-8"
            : media.ToLowerInvariant() is "application/x-ndjson" or "application/ndjson" or "application/jsonl" ? "application/json"
            : type;
    }

    private readonly ref struct Field(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        private readonly ReadOnlySpan<byte> _name = name, _value = value;

        public void Deconstruct(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
        {
            name = _name;
            value = _value;
        }
    }
}
