using System.Globalization;
using System.Text;
using Mailbox.Contracts;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>Bodies that deliver-to-many, ack and PUT must refuse.</summary>
internal static class BodyRefusals
{
    private const int MaxMessageBytes = 65_536;

    private static readonly string Deep = new string('[', 1_000) + new string(']', 1_000);

    private static readonly byte[] NotUtf8 = [0xFF, 0xFE, 0xC0, 0xAF];

    /// <summary>What no call takes as its JSON object; {x} is a member that the call knows, with a value that is right.</summary>
    private static readonly (string Name, string Json)[] Malformed =
    [
        ("nothing", ""),
        ("white space", " \r\n\t "),
        ("half an object", "{{x}"),
        ("half a string", "{\"abc"),
        ("a brace", "}"),
        ("null", "null"),
        ("a string", "\"{x}\""),
        ("a number", "17"),
        ("an array", "[]"),
        ("an array of objects", "[{{x}}]"),
        ("1,000 deep", Deep),
        ("1,000 deep in an unknown member", $"{{{{x}},\"other\":{Deep}}}"),
        ("a member twice", "{{x},{x}}"),
        ("an unknown member", "{{x},\"other\":1}"),
        ("an unknown member with half a surrogate pair for a name", "{{x},\"\\ud800\":1}"),
        ("something behind the object", "{{x}}x"),
        ("a second object", "{{x}} {{x}}"),
        ("a comma too many", "{{x},}"),
        ("a comment", "{/* */{x}}"),
        ("single quotes", "{'a':'b'}"),
        ("a byte order mark", "\u00ef\u00bb\u00bf{{x}}"),
        ("a NUL behind the object", "{{x}}\0"),
        ("NaN", "{{x},\"ttl\":NaN}"),
    ];

    public static IEnumerable<Refusal> All => Many.Concat(Lines).Concat(Acks).Concat(Puts).Concat(Encodings).Concat(Sizes);

    public static IEnumerable<Refusal> Many { get; } =
    [
        .. Malformed.Select(one => OfMany("many: " + one.Name, one.Json.Replace("{x}", "\"to\":[\"{m}\"],\"data\":1", StringComparison.Ordinal))),
        OfMany("many: no 'to'", """{"data":"x"}"""),
        OfMany("many: no body", """{"to":["{m}"]}"""),
        OfMany("many: two bodies", """{"to":["{m}"],"data":"x","dataBase64":"eA=="}"""),
        OfMany("many: base64 that is none", """{"to":["{m}"],"dataBase64":"!!!"}"""),
        OfMany("many: base64 cut short", """{"to":["{m}"],"dataBase64":"eHh4e"}"""),
        OfMany("many: base64 as a number", """{"to":["{m}"],"dataBase64":17}"""),
        OfMany("many: 'to' is a string", """{"to":"{m}","data":"x"}"""),
        OfMany("many: 'to' is null", """{"to":null,"data":"x"}"""),
        OfMany("many: 'to' is empty", """{"to":[],"data":"x"}"""),
        OfMany("many: 'to' holds null", """{"to":["{m}",null],"data":"x"}"""),
        OfMany("many: 'to' holds a number", """{"to":["{m}",5],"data":"x"}"""),
        OfMany("many: 'to' holds an array", """{"to":[["{m}"]],"data":"x"}"""),
        OfMany("many: 'to' holds half a surrogate pair", """{"to":["{m}","\ud800"],"data":"x"}"""),
        OfMany("many: 'data' is half a surrogate pair", """{"to":["{m}"],"data":"\ud800"}"""),
        OfMany("many: 'to' twice, once escaped", """{"to":["{m}"],"t\u006f":["{m}"],"data":"x"}"""),
        OfMany("many: 'type' is a number", """{"to":["{m}"],"data":"x","type":5}"""),
        OfMany("many: 'type' is reserved", """{"to":["{m}"],"data":"x","type":"mailbox.x"}"""),
        OfMany("many: 'type' has a line feed", """{"to":["{m}"],"data":"x","type":"a\nb"}"""),
        OfMany("many: 'type' is half a surrogate pair", """{"to":["{m}"],"data":"x","type":"\udc00"}"""),
        OfMany("many: 'topic' has a dot", """{"to":["{m}"],"data":"x","topic":"a.b"}"""),
        OfMany("many: 'idempotencyKey' is empty", """{"to":["{m}"],"data":"x","idempotencyKey":""}"""),
        OfMany("many: 'contentType' has a line feed", """{"to":["{m}"],"data":"x","contentType":"a\r\nb"}"""),
        OfMany("many: 'ttl' is a string", """{"to":["{m}"],"data":"x","ttl":"5"}"""),
        OfMany("many: 'ttl' is negative", """{"to":["{m}"],"data":"x","ttl":-1}"""),
        OfMany("many: 'ttl' is a fraction", """{"to":["{m}"],"data":"x","ttl":1.5}"""),
        OfMany("many: 'ttl' is beyond 64 bits", """{"to":["{m}"],"data":"x","ttl":99999999999999999999}"""),
        OfMany("many: 'ttl' is beyond every number", """{"to":["{m}"],"data":"x","ttl":1e999999}"""),
        OfMany("many: a name in another case", """{"TO":["{m}"],"data":"x"}"""),
        OfMany("many: 'to' is not UTF-8", Join("{\"to\":[\"{m}\",\"", NotUtf8, "\"],\"data\":\"x\"}")),
        OfMany("many: 'data' is not UTF-8", Join("{\"to\":[\"{m}\"],\"data\":\"", NotUtf8, "\"}")),
        OfMany("many: something in 'data' is not UTF-8", Join("{\"to\":[\"{m}\"],\"data\":{\"a\":[\"", NotUtf8, "\"]}}")),
        OfMany("many: a name in 'data' is not UTF-8", Join("{\"to\":[\"{m}\"],\"data\":{\"", NotUtf8, "\":1}}")),
        OfMany("many: 'type' is not UTF-8", Join("{\"to\":[\"{m}\"],\"data\":1,\"type\":\"", NotUtf8, "\"}")),
        OfMany("many: a member's name is not UTF-8", Join("{\"to\":[\"{m}\"],\"data\":1,\"", NotUtf8, "\":1}")),
        OfMany("many: a body over the limit", $$"""{"to":["{m}"],"data":"{{new string('a', MaxMessageBytes + 1)}}"}""")
            with { Status = 413, Type = ProblemTypes.TooLarge },
        OfMany("many: a base64 body over the limit", $$"""{"to":["{m}"],"dataBase64":"{{Convert.ToBase64String(new byte[MaxMessageBytes + 1])}}"}""")
            with { Status = 413, Type = ProblemTypes.TooLarge },
        OfMany("many: 10,001 recipients", Recipients(10_001)) with { Status = 413, Type = ProblemTypes.TooLarge },
        .. new[] { "", "text/plain", "application/octet-stream", "application/jsonx", "multipart/form-data; boundary=x", "junk" }
            .Select(type => OfMany($"many: Content-Type '{type}'", """{"to":["{m}"],"data":"x"}""") with
            {
                Status = 415,
                Type = ProblemTypes.UnsupportedMediaType,
                Headers = type.Length == 0 ? [] : ["Content-Type: " + type],
            }),
    ];

    /// <summary>Line 7 of 10 is bad.</summary>
    public static IEnumerable<Refusal> Lines { get; } =
    [
        OfLines("not JSON", "junk"),
        OfLines("half an object", """{"to":["{m}"],"data":"""),
        OfLines("null", "null"),
        OfLines("an array", "[]"),
        OfLines("two objects", """{"to":["{m}"],"data":1}{"to":["{m}"],"data":1}"""),
        OfLines("an unknown member", """{"to":["{m}"],"data":1,"x":1}"""),
        OfLines("a member twice", """{"to":["{m}"],"data":1,"data":1}"""),
        OfLines("no recipient", """{"to":[],"data":1}"""),
        OfLines("no body", """{"to":["{m}"]}"""),
        OfLines("a reserved type", """{"to":["{m}"],"data":1,"type":"open"}"""),
        OfLines("1,000 deep", $$"""{"to":["{m}"],"data":{{Deep}}}"""),
        OfLines("half a surrogate pair", """{"to":["{m}"],"data":"\ud800"}"""),
        OfLines("not UTF-8", Encoding.Latin1.GetString(Join("{\"to\":[\"{m}\"],\"data\":[\"", NotUtf8, "\"]}"))),
        OfLines("a body over the limit", $$"""{"to":["{m}"],"data":"{{new string('a', MaxMessageBytes + 1)}}"}""")
            with { Status = 413, Type = ProblemTypes.TooLarge },
        new("lines: none at all", 400, ProblemTypes.InvalidBody) { Target = "/v1/messages", Headers = ["Content-Type: application/x-ndjson"], Body = "\n\r\n \n"u8.ToArray() },
        new("lines: 10,001 recipients", 413, ProblemTypes.TooLarge)
        {
            Target = "/v1/messages",
            Headers = ["Content-Type: application/x-ndjson"],
            Body = Refusal.Utf8(Recipients(6_000) + "\n" + Recipients(4_001)),
        },
    ];

    public static IEnumerable<Refusal> Acks { get; } =
    [
        .. Malformed.Select(one => OfAck(one.Name, one.Json.Replace("{x}", "\"cursor\":\"AQ\"", StringComparison.Ordinal))),
        OfAck("the cursor is a number", """{"cursor":5}"""),
        OfAck("the cursor is an array", """{"cursor":["AQ"]}"""),
        OfAck("the cursor is not UTF-8", Join("{\"cursor\":\"", NotUtf8, "\"}")),
        OfAck("the cursor is half a surrogate pair", """{"cursor":"\ud800"}"""),
        OfAck("no cursor", "{}") with { Type = ProblemTypes.InvalidCursor },
        OfAck("the cursor is null", """{"cursor":null}""") with { Type = ProblemTypes.InvalidCursor },
        OfAck("the cursor is empty", """{"cursor":""}""") with { Type = ProblemTypes.InvalidCursor },
        OfAck("the cursor is junk", """{"cursor":"junk"}""") with { Type = ProblemTypes.InvalidCursor },
        OfAck("the cursor is a message id", """{"cursor":"0123456789abcdef-1"}""") with { Type = ProblemTypes.InvalidCursor },
        OfAck("more than 4 KB", $$"""{"cursor":"{{new string('A', 5_000)}}"}""") with { Status = 413, Type = ProblemTypes.TooLarge },
    ];

    public static IEnumerable<Refusal> Puts { get; } =
    [
        // An empty body is allowed: the server's defaults.
        .. Malformed.Where(one => one.Json.Length > 0)
            .Select(one => OfPut(one.Name, one.Json.Replace("{x}", "\"maxMessages\":5", StringComparison.Ordinal))),
        OfPut("timeToLive 0", """{"timeToLive":0}"""),
        OfPut("timeToLive negative", """{"timeToLive":-1}"""),
        OfPut("timeToLive of two years", """{"timeToLive":63072000}"""),
        OfPut("timeToLive beyond 64 bits", """{"timeToLive":99999999999999999999}"""),
        OfPut("timeToLive a fraction", """{"timeToLive":1.5}"""),
        OfPut("timeToLive a string", """{"timeToLive":"60"}"""),
        OfPut("maxMessages 0", """{"maxMessages":0}"""),
        OfPut("maxMessages negative", """{"maxMessages":-1}"""),
        OfPut("maxMessages beyond 32 bits", """{"maxMessages":4294967297}"""),
        OfPut("maxMessages of 1e9", """{"maxMessages":1000000000}"""),
        OfPut("maxBytes 0", """{"maxBytes":0}"""),
        OfPut("maxBytes of 1e15", """{"maxBytes":1000000000000000}"""),
        OfPut("overflow junk", """{"overflow":"explode"}"""),
        OfPut("overflow in another case", """{"overflow":"REJECT"}"""),
        OfPut("overflow a number", """{"overflow":1}"""),
        OfPut("not UTF-8", Join("{\"overflow\":\"", NotUtf8, "\"}")),
        OfPut("more than 4 KB", $$"""{"overflow":"{{new string('a', 5_000)}}"}""") with { Status = 413, Type = ProblemTypes.TooLarge },
    ];

    public static IEnumerable<Refusal> Encodings { get; } =
    [
        .. from encoding in new[] { "zstd", "compress", "x-unknown", "gzip, identity", "identity, gzip", "gzip, br", "gzip,", "\"" }
           from call in new[] { "POST /v1/mailboxes/{m}/messages", "POST /v1/messages", "POST /v1/mailboxes/{m}/ack", "PUT /v1/mailboxes/{m}" }
           select new Refusal($"Content-Encoding {encoding} on {call}", 415, ProblemTypes.UnsupportedMediaType)
           {
               Method = call.Split(' ')[0],
               Target = call.Split(' ')[1],
               Headers = ["Content-Encoding: " + encoding, "Content-Type: application/json"],
               Body = Refusal.Utf8("""{"to":["{m}"],"data":"x"}"""),
           },
        new("two Content-Encodings", 415, ProblemTypes.UnsupportedMediaType)
        {
            Headers = ["Content-Encoding: identity", "Content-Encoding: gzip"],
            Body = [0x1F, 0x8B],
        },
    ];

    public static IEnumerable<Refusal> Sizes { get; } =
    [
        new("a body one byte over the limit", 413, ProblemTypes.TooLarge) { Body = new byte[MaxMessageBytes + 1] },
        new("a body far over the limit, in chunks", 413, ProblemTypes.TooLarge)
        {
            Headers = ["Transfer-Encoding: chunked"],
            Body = InChunks(1_000_000),
            HasLength = false,
        },
        new("a body one byte over the limit, in chunks", 413, ProblemTypes.TooLarge)
        {
            Headers = ["Transfer-Encoding: chunked"],
            Body = InChunks(MaxMessageBytes + 1),
            HasLength = false,
        },
    ];

    public static byte[] InChunks(int length)
    {
        var chunks = new StringBuilder();
        for (var left = length; left > 0; left -= 8_000)
        {
            var size = Math.Min(left, 8_000);
            chunks.Append(CultureInfo.InvariantCulture, $"{size:x}\r\n").Append('a', size).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(chunks.Append("0\r\n\r\n").ToString());
    }

    private static Refusal OfMany(string name, string json) => OfMany(name, Encoding.Latin1.GetBytes(json));

    private static Refusal OfMany(string name, byte[] json) =>
        new(name, 400, ProblemTypes.InvalidBody) { Target = "/v1/messages", Headers = ["Content-Type: application/json"], Body = json };

    private static Refusal OfLines(string name, string line7)
    {
        var lines = Enumerable.Range(1, 10).Select(i => i == 7 ? line7 : $$"""{"to":["{m}","{n}"],"data":"line {{i}}"}""");
        return new Refusal("lines: " + name, 400, ProblemTypes.InvalidBody)
        {
            Target = "/v1/messages",
            Headers = ["Content-Type: application/x-ndjson"],
            Body = Encoding.Latin1.GetBytes(string.Join('\n', lines)),
        };
    }

    private static Refusal OfAck(string name, string json) => OfAck(name, Encoding.Latin1.GetBytes(json));

    private static Refusal OfAck(string name, byte[] json) =>
        new("ack: " + name, 400, ProblemTypes.InvalidBody) { Target = "/v1/mailboxes/{m}/ack", Headers = ["Content-Type: application/json"], Body = json };

    private static Refusal OfPut(string name, string json) => OfPut(name, Encoding.Latin1.GetBytes(json));

    private static Refusal OfPut(string name, byte[] json) =>
        new("PUT: " + name, 400, ProblemTypes.InvalidBody) { Method = "PUT", Target = "/v1/mailboxes/{m}", Headers = ["Content-Type: application/json"], Body = json };

    private static string Recipients(int count) =>
        $$"""{"to":["{m}",{{string.Join(',', Enumerable.Range(2, count - 1).Select(i => $"\"{{n}}-{i}\""))}}],"data":"x"}""";

    private static byte[] Join(string before, byte[] middle, string after) =>
        [.. Encoding.UTF8.GetBytes(before), .. middle, .. Encoding.UTF8.GetBytes(after)];
}
