using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mailbox.Mailboxes;

namespace Mailbox.Redis;

/// <summary>
/// Reads an entry of the list (Redis contract, version 1): a bare body, or byte 0x01, a JSON header on one line that
/// begins with a nonce, a line feed, and the body.
/// </summary>
internal static class EntryDecoder
{
    private const byte Mark = 1;
    private const int CheckedBytes = 64;

    // Most messages have the content type of the one before: its text serves again.
    private static string _lastContentType = "";

    private static ReadOnlySpan<byte> Opening => "\u0001{\"nonce\":\""u8;

    /// <summary>Never throws: what cannot be read is <see cref="EntryKind.Malformed"/>.</summary>
    public static Entry Decode(ReadOnlyMemory<byte> stored, Identifier generation, long sequence, DateTimeOffset now)
    {
        var entry = stored.Span;
        var position = new Position(generation, sequence, CheckOf(entry));
        if (entry.Length == 0 || entry[0] != Mark)
        {
            var bare = new Message { Id = new MessageId(generation, sequence), Check = position.Check, Body = stored };
            return new Entry(EntryKind.Message, position, bare);
        }

        var end = entry.IndexOf((byte)'\n');
        if (end < 0 || !TryReadNonce(entry, out _) || !TryReadHeader(entry[1..end], out var header))
        {
            return new Entry(EntryKind.Malformed, position, null, IsStored: true);
        }

        if (header.IsRemoved)
        {
            return new Entry(header.IsMalformed ? EntryKind.Malformed : EntryKind.Removed, position, null);
        }

        if (header.Expires is { } expires && expires <= now)
        {
            return new Entry(EntryKind.Removed, position, null);
        }

        return new Entry(EntryKind.Message, position, new Message
        {
            Id = new MessageId(generation, sequence),
            Check = position.Check,
            Body = stored[(end + 1)..],
            Type = header.Type,
            ContentType = header.ContentType,
            Time = header.Time,
            Expires = header.Expires,
            Trace = header.TraceParent is null ? null : MessageTrace.Parse(header.TraceParent, header.TraceState),
        });
    }

    /// <summary>
    /// What tells this entry from any other at its place, the same as <c>check_of</c> in entries.lua: an envelope's nonce,
    /// else a hash of the length and of at most 64 bytes from each end.
    /// </summary>
    public static Identifier CheckOf(ReadOnlySpan<byte> entry)
    {
        if (TryReadNonce(entry, out var check))
        {
            return check;
        }

        Span<byte> text = stackalloc byte[16 + (2 * CheckedBytes)];
        entry.Length.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
        text[length++] = (byte)':';
        var prefix = entry[..Math.Min(entry.Length, CheckedBytes)];
        var suffix = entry[Math.Max(0, entry.Length - CheckedBytes)..];
        prefix.CopyTo(text[length..]);
        suffix.CopyTo(text[(length + prefix.Length)..]);
        Span<byte> hash = stackalloc byte[20];
#pragma warning disable CA5350 // SHA-1 is what Redis's Lua has; it tells bodies apart, it protects nothing.
        SHA1.HashData(text[..(length + prefix.Length + suffix.Length)], hash);
#pragma warning restore CA5350
        return new Identifier(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash));
    }

    /// <summary>Sixteen lower-case hex digits, not all zero, as the first member.</summary>
    private static bool TryReadNonce(ReadOnlySpan<byte> entry, out Identifier nonce)
    {
        nonce = default;
        if (!entry.StartsWith(Opening) || entry.Length <= Opening.Length + Identifier.TextLength ||
            entry[Opening.Length + Identifier.TextLength] != '"')
        {
            return false;
        }

        Span<char> text = stackalloc char[Identifier.TextLength];
        Encoding.Latin1.GetChars(entry.Slice(Opening.Length, Identifier.TextLength), text);
        return Identifier.TryParse(text, out nonce) && !nonce.IsNone;
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> json, out Header header)
    {
        header = default;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!header.TryReadMember(ref reader))
                {
                    return false;
                }
            }

            return reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not UTF-8.
            return false;
        }
    }

    private struct Header
    {
        public string? Type;
        public string? ContentType;
        public DateTimeOffset? Time;
        public DateTimeOffset? Expires;
        public string? TraceParent;
        public string? TraceState;
        public bool IsRemoved;
        public bool IsMalformed;

        /// <summary>Members that this version does not know are passed over: a newer node may write them.</summary>
        public bool TryReadMember(ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals("time"u8))
            {
                return TryReadTime(ref reader, out Time);
            }

            if (reader.ValueTextEquals("expires"u8))
            {
                return TryReadTime(ref reader, out Expires);
            }

            if (reader.ValueTextEquals("type"u8))
            {
                return TryReadString(ref reader, out Type) && MessageRules.IsType(Type);
            }

            if (reader.ValueTextEquals("contentType"u8))
            {
                return TryReadContentType(ref reader, out ContentType) && MessageRules.IsContentType(ContentType);
            }

            // What is no trace context is none; the message is one all the same.
            if (reader.ValueTextEquals("traceparent"u8))
            {
                return TryReadText(ref reader, out TraceParent);
            }

            if (reader.ValueTextEquals("tracestate"u8))
            {
                return TryReadText(ref reader, out TraceState);
            }

            if (reader.ValueTextEquals("removed"u8))
            {
                IsRemoved = true;
                var isText = TryReadString(ref reader, out var reason);
                IsMalformed = reason == "malformed";
                return isText;
            }

            return reader.Read() && reader.TrySkip();
        }

        private static bool TryReadString(ref Utf8JsonReader reader, out string? value)
        {
            value = null;
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
            {
                return false;
            }

            value = reader.GetString();
            return true;
        }

        /// <summary>Null when it is no text, and passed over: before this version knew the member it could be anything.</summary>
        private static bool TryReadText(ref Utf8JsonReader reader, out string? value)
        {
            value = null;
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
            {
                return reader.TrySkip();
            }

            try
            {
                value = reader.GetString();
            }
            catch (InvalidOperationException)
            {
                // Not UTF-8.
            }

            return true;
        }

        private static bool TryReadContentType(ref Utf8JsonReader reader, out string? value)
        {
            value = _lastContentType;
            if (reader.Read() && reader.TokenType == JsonTokenType.String && !reader.ValueTextEquals(value))
            {
                value = _lastContentType = reader.GetString()!;
            }

            return reader.TokenType == JsonTokenType.String;
        }

        private static bool TryReadTime(ref Utf8JsonReader reader, out DateTimeOffset? time)
        {
            time = null;
            if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var milliseconds) ||
                milliseconds is < 0 or > 253_402_300_799_999)
            {
                return false;
            }

            time = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
            return true;
        }
    }
}
