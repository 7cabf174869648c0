using System.Security.Cryptography;
using System.Text;
using Mailbox.Mailboxes;
using Mailbox.Redis;
using MailboxServer.Tests.Mailboxes;

namespace MailboxServer.Tests.Redis;

public class EntryDecoderTests
{
    private const string Nonce = "0123456789abcdef";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_000);

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 2, 1 })]
    [InlineData(new byte[] { (byte)'{', (byte)'}' })]
    [InlineData(new byte[] { 0xFF, 0xFE, 10, 13 })]
    public void Decode_AnyBareBody_TheBodyAsItIsAndNothingElse(byte[] body)
    {
        var entry = Decode(body);
        entry.Kind.ShouldBe(EntryKind.Message);
        var message = entry.Message.ShouldNotBeNull();
        message.Id.ShouldBe(new MessageId(Sample.Generation, 7));
        message.Body.ToArray().ShouldBe(body);
        message.Type.ShouldBeNull();
        message.ContentType.ShouldBeNull();
        message.Time.ShouldBeNull();
        message.Expires.ShouldBeNull();
        message.Check.ShouldBe(entry.Position.Check);
        message.Position.ShouldBe(entry.Position);
        entry.Position.Check.IsNone.ShouldBeFalse();
    }

    [Fact]
    public void Decode_Envelope_EveryPart()
    {
        var entry = Decode(Envelope(
            """ "time":1749999999000,"expires":1750000000001,"type":"order.created","contentType":"text/plain; charset=utf-8","topic":"t" """,
            "line 1\nline 2"));
        entry.Kind.ShouldBe(EntryKind.Message);
        entry.Position.ShouldBe(new Position(Sample.Generation, 7, new Identifier(0x0123456789ABCDEF)));
        var message = entry.Message.ShouldNotBeNull();
        message.Check.ShouldBe(new Identifier(0x0123456789ABCDEF));
        message.Type.ShouldBe("order.created");
        message.ContentType.ShouldBe("text/plain; charset=utf-8");
        message.Time.ShouldBe(DateTimeOffset.FromUnixTimeMilliseconds(1_749_999_999_000));
        message.Expires.ShouldBe(DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_001));
        Text(message).ShouldBe("line 1\nline 2");
    }

    [Theory]
    [InlineData(""" "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":"a=1" """, "a=1")]
    [InlineData(""" "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":7 """, null)]
    public void Decode_Trace_GoesWithTheMessage(string members, string? state)
    {
        var trace = Decode(Envelope(members, "m")).Message.ShouldNotBeNull().Trace.ShouldNotBeNull();
        trace.Parent.ShouldBe("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        trace.State.ShouldBe(state);
    }

    [Theory]
    [InlineData(""" "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" """)]
    [InlineData(""" "traceparent":"junk" """)]
    [InlineData(""" "traceparent":{"a":[1]} """)]
    [InlineData(""" "traceparent":"\ud800" """)]
    [InlineData(""" "tracestate":"a=1" """)]
    public void Decode_WhatIsNoTrace_IsAMessageAllTheSame(string members)
    {
        var message = Decode(Envelope(members, "m")).Message.ShouldNotBeNull();
        message.Trace.ShouldBeNull();
        Text(message).ShouldBe("m");
    }

    [Fact]
    public void Decode_EnvelopeWithOnlyANonce_Message()
    {
        var entry = Decode(Raw($"\u0001{{\"nonce\":\"{Nonce}\"}}\n"));
        entry.Kind.ShouldBe(EntryKind.Message);
        entry.Message.ShouldNotBeNull().Body.Length.ShouldBe(0);
    }

    [Fact]
    public void Decode_BodyThatBeginsLikeAnEnvelope_IsJustABody()
    {
        var inner = $"\u0001{{\"nonce\":\"{Nonce}\",\"type\":\"inner\"}}\nbody";
        Text(Decode(Envelope("\"time\":1", inner)).Message!).ShouldBe(inner);
    }

    [Theory]
    [InlineData("\"future\":1")]
    [InlineData("\"future\":{\"type\":\"not this\",\"removed\":\"nor this\",\"a\":[1,{\"b\":null}]}")]
    [InlineData("\"future\":[[],{}],\"more\":null,\"and\":true,\"text\":\"\\u0000\\n\"")]
    public void Decode_MembersOfANewerNode_PassedOver(string members)
    {
        var message = Decode(Envelope(members + ",\"type\":\"kept\"", "body")).Message.ShouldNotBeNull();
        message.Type.ShouldBe("kept");
        Text(message).ShouldBe("body");
    }

    [Theory]
    [InlineData("takenBack")]
    [InlineData("expired")]
    [InlineData("topic")]
    [InlineData("whatever a newer node says")]
    public void Decode_Tombstone_RemovedWithItsCheck(string reason)
    {
        var entry = Decode(Envelope($"\"removed\":\"{reason}\"", ""));
        entry.Kind.ShouldBe(EntryKind.Removed);
        entry.Message.ShouldBeNull();
        entry.Position.Check.ShouldBe(new Identifier(0x0123456789ABCDEF));
    }

    [Fact]
    public void Decode_TombstoneOfAMalformedEntry_StillMalformed() =>
        Decode(Envelope("\"removed\":\"malformed\"", "")).Kind.ShouldBe(EntryKind.Malformed);

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Decode_OwnExpiry_RemovedFromThatMomentOn(int milliseconds, bool isRemoved) =>
        Decode(Envelope($"\"time\":1,\"expires\":{Now.ToUnixTimeMilliseconds() + milliseconds}", "body")).Kind
            .ShouldBe(isRemoved ? EntryKind.Removed : EntryKind.Message);

    [Theory]
    [InlineData("\u0001")]
    [InlineData("\u0001\n")]
    [InlineData("\u0001body that only begins like one")]
    [InlineData("\u0001{}\nbody")]
    [InlineData("\u0001{\"type\":\"a\",\"nonce\":\"0123456789abcdef\"}\nbody")] // the nonce comes first
    [InlineData("\u0001 {\"nonce\":\"0123456789abcdef\"}\nbody")]
    [InlineData("\u0001{\"nonce\":\"0123456789abcdef\"}")]
    [InlineData("\u0001{\"nonce\":\"0123456789abcdef\"}body")]
    [InlineData("\u0001{\"nonce\":\"0123456789abcdef\"} x\nbody")]
    [InlineData("\u0001{\"nonce\":\"0123456789abcdef\"}{}\nbody")]
    [InlineData("\u0001{\"nonce\":\"0123456789abcdef\"\n}\nbody")]
    [InlineData("\u0001{\"nonce\":\"0123456789abcdef\",}\nbody")]
    [InlineData("\u0001{\"nonce\":\"0123456789abcdef\",\"type\":\nbody")]
    [InlineData("\u0001{\"nonce\":\"0123456789abcdef\r\"}\nbody")]
    public void Decode_NotAnEnvelope_Malformed(string entry) => ShouldBeMalformed(Raw(entry));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0123456789abcde")]
    [InlineData("0123456789abcdef0")]
    [InlineData("0123456789ABCDEF")]
    [InlineData("0123456789abcdeg")]
    [InlineData("0000000000000000")] // no check at all
    [InlineData("0123456789abcde ")]
    [InlineData("1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    public void Decode_BadNonce_MalformedWithAHashForItsCheck(string nonce)
    {
        var bytes = Raw($"\u0001{{\"nonce\":\"{nonce}\"}}\nbody");
        ShouldBeMalformed(bytes);
        EntryDecoder.CheckOf(bytes).ShouldBe(HashOf(bytes), "what Redis calculates, or every take would see another entry there");
    }

    [Theory]
    [InlineData("\"type\":\"a\\nid: 1\"")]
    [InlineData("\"type\":\"a\\r\"")]
    [InlineData("\"type\":\"\"")]
    [InlineData("\"type\":\"open\"")]
    [InlineData("\"type\":\"mailbox.gap\"")]
    [InlineData("\"type\":1")]
    [InlineData("\"type\":null")]
    [InlineData("\"type\":\"\\ud800\"")]
    [InlineData("\"contentType\":\"text/plain\\r\\nSet-Cookie: a=b\"")]
    [InlineData("\"contentType\":\"\"")]
    [InlineData("\"contentType\":\"ä\"")]
    [InlineData("\"contentType\":[]")]
    [InlineData("\"time\":-1")]
    [InlineData("\"time\":1.5")]
    [InlineData("\"time\":\"1\"")]
    [InlineData("\"time\":253402300800000")] // the year 10000
    [InlineData("\"time\":9223372036854775807")]
    [InlineData("\"time\":99999999999999999999999999")]
    [InlineData("\"expires\":1e3")]
    [InlineData("\"expires\":null")]
    [InlineData("\"removed\":true")]
    [InlineData("\"removed\":{}")]
    public void Decode_PartThatMayNotBe_Malformed(string member) => ShouldBeMalformed(Envelope(member, "body"));

    [Fact]
    public void Decode_HeaderNotUtf8_Malformed()
    {
        byte[] bytes = [.. Raw($"\u0001{{\"nonce\":\"{Nonce}\",\"type\":\""), 0xFF, .. Raw("\"}\nbody")];
        ShouldBeMalformed(bytes);
    }

    [Fact]
    public void Decode_LatestTime_TheLastMillisecondOfTheCalendar() =>
        Decode(Envelope("\"time\":253402300799999", "")).Message.ShouldNotBeNull().Time!.Value.Year.ShouldBe(9999);

    [Fact]
    public void Decode_EnvelopeCutAnywhereInItsHeader_MalformedAndNeverThrows()
    {
        var whole = Envelope("\"time\":1,\"type\":\"a\",\"contentType\":\"text/plain\",\"future\":{\"a\":[1]}", "");
        for (var length = 1; length < whole.Length; length++)
        {
            ShouldBeMalformed(whole[..length]);
            if (length < whole.Length - 1) ShouldBeMalformed([.. whole[..length], (byte)'\n']);
        }
    }

    [Fact]
    public void Decode_EnvelopeWithRandomDamage_NeverThrowsAndKeepsItsRules()
    {
        var random = new Random(4);
        var whole = Envelope("\"time\":1,\"type\":\"a\",\"contentType\":\"text/plain\",\"removed\":\"x\"", "body");
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])whole.Clone();
            for (var damage = random.Next(1, 4); damage > 0; damage--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var entry = Decode(bytes);
            entry.Position.Check.ShouldBe(EntryDecoder.CheckOf(bytes));
            entry.Position.Check.IsNone.ShouldBeFalse();
            if (entry.Message is { } message)
            {
                (message.Type is null || MessageRules.IsType(message.Type)).ShouldBeTrue();
                (message.ContentType is null || MessageRules.IsContentType(message.ContentType)).ShouldBeTrue();
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(65_536)]
    public void CheckOf_BareBody_HashOfLengthAndBothEnds(int length)
    {
        var body = new byte[length];
        new Random(5).NextBytes(body);
        if (length > 0) body[0] = (byte)'x';
        EntryDecoder.CheckOf(body).ShouldBe(HashOf(body));
    }

    [Fact]
    public void CheckOf_AnotherLengthOrAnotherEnd_Differs()
    {
        var body = Raw(new string('a', 1_000));
        var check = EntryDecoder.CheckOf(body);
        EntryDecoder.CheckOf(body.AsSpan(1)).ShouldNotBe(check);
        body[^1] = (byte)'b';
        EntryDecoder.CheckOf(body).ShouldNotBe(check);
    }

    /// <summary>As <c>check_of</c> in entries.lua calculates it, written from the contract.</summary>
    private static Identifier HashOf(byte[] entry)
    {
        byte[] text = [.. Encoding.ASCII.GetBytes($"{entry.Length}:"), .. entry.Take(64), .. entry.TakeLast(64)];
#pragma warning disable CA5350
        var hex = Convert.ToHexStringLower(SHA1.HashData(text))[..16];
#pragma warning restore CA5350
        Identifier.TryParse(hex, out var hash).ShouldBeTrue();
        return hash;
    }

    private static void ShouldBeMalformed(byte[] bytes)
    {
        var entry = Decode(bytes);
        entry.Kind.ShouldBe(EntryKind.Malformed, Encoding.Latin1.GetString(bytes));
        entry.Message.ShouldBeNull();
        entry.Position.Sequence.ShouldBe(7, "it has a place all the same: the mailbox goes on behind it");
        entry.Position.Check.ShouldBe(EntryDecoder.CheckOf(bytes));
    }

    private static Entry Decode(byte[] bytes) => EntryDecoder.Decode(bytes, Sample.Generation, 7, Now);

    private static byte[] Envelope(string members, string body) => Raw($"\u0001{{\"nonce\":\"{Nonce}\",{members.Trim()}}}\n{body}");

    private static byte[] Raw(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(Message message) => Encoding.UTF8.GetString(message.Body.Span);
}
