using System.Text;
using System.Text.Json;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public class BodyFormsTests
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("APPLICATION/JSON")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json;charset=utf-8")]
    [InlineData("application/json ; profile=\"a;b\"")]
    [InlineData(" application/json ")]
    [InlineData("text/json")]
    [InlineData("application/problem+json")]
    [InlineData("application/vnd.api+JSON; version=1")]
    public void IsJsonType_JsonAndPlusJson_True(string type) => BodyForms.IsJsonType(type).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("text/plain")]
    [InlineData("application/jsonl")]
    [InlineData("application/x-ndjson")]
    [InlineData("application/json-seq")]
    [InlineData("application/json+xml")]
    [InlineData("text/plain; a=application/json")]
    [InlineData("text/plain; a=+json")]
    public void IsJsonType_AnotherType_False(string type) => BodyForms.IsJsonType(type).ShouldBeFalse();

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("0")]
    [InlineData("-1.5e+300")]
    [InlineData("1e999")]
    [InlineData("\"\"")]
    [InlineData("\"\\u0000\"")]
    [InlineData(" \r\n\t{ \"a\" : [ 1 , 2 ] } \n")]
    [InlineData("{\"a\":1,\"a\":2}")] // RFC 8259 section 4: should be unique, but is JSON
    public void Of_ValidJson_Json(string body) => Of(body).ShouldBe(BodyForm.Json);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("{")]
    [InlineData("{}x")]
    [InlineData("{}{}")]
    [InlineData("1 2")]
    [InlineData("[1,]")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{a:1}")]
    [InlineData("{'a':1}")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("[NaN]")]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData("1.")]
    [InlineData("undefined")]
    [InlineData("// comment\n1")]
    [InlineData("1 /* comment */")]
    [InlineData("\"a\nb\"")]
    [InlineData("\"a\0b\"")]
    [InlineData("\"\\x\"")]
    [InlineData("1\0")]
    [InlineData("\u00A01")]
    [InlineData("\uFEFF{}")] // RFC 8259 section 8.1: no byte order mark
    public void Of_TextUnderAJsonType_Text(string body) => Of(body).ShouldBe(BodyForm.Text);

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/octet-stream")]
    public void Of_JsonUnderAnotherType_Text(string? type) => BodyForms.Of(type, "{}"u8).ShouldBe(BodyForm.Text);

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xC0, 0xAF })] // an overlong slash
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })] // half of a surrogate pair
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })] // beyond U+10FFFF
    [InlineData(new byte[] { (byte)'"', 0xE2, 0x82, (byte)'"' })]
    [InlineData(new byte[] { (byte)'a', 0xE2, 0x82 })] // cut off
    public void Of_NotUtf8_BinaryUnderEveryType(byte[] body)
    {
        BodyForms.Of(null, body).ShouldBe(BodyForm.Binary);
        BodyForms.Of("application/json", body).ShouldBe(BodyForm.Binary);
        BodyForms.Of("text/plain; charset=iso-8859-1", body).ShouldBe(BodyForm.Binary);
    }

    [Fact]
    public void Of_VeryDeepJson_TextAndNoOverflow()
    {
        Of(new string('[', 100_000) + new string(']', 100_000)).ShouldBe(BodyForm.Text);
        Of(new string('[', 1_000_000)).ShouldBe(BodyForm.Text);
    }

    [Fact]
    public void Of_DeepestJson_StillReadsInsideEveryEnvelope()
    {
        // Most JSON readers stop at a depth of 64. A body that is JSON stands in an envelope, and that in the array of a
        // long-poll's answer: if it did not fit, its receiver could never read past it.
        var depth = Enumerable.Range(1, 100).Last(levels => Of(Nested(levels)) == BodyForm.Json);
        var answer = "{\"messages\":[{\"data\":" + Nested(depth) + "}]}";
        Should.NotThrow(() => JsonDocument.Parse(answer).Dispose());
        depth.ShouldBeGreaterThan(50);
    }

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static BodyForm Of(string body) => BodyForms.Of("application/json", Encoding.UTF8.GetBytes(body));
}
