using System.Text.Json;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Transports;

public class Parts(Cluster cluster)
{
    private static readonly TransportDoor[] FullDoors = [TransportDoor.Rest, TransportDoor.Function];

    public static TheoryData<Way> EachWay { get; } = new(Ways.All);

    public static MatrixTheoryData<Way, TransportDoor> WaysAndFullDoors { get; } = new(Ways.All, FullDoors);

    [Theory]
    [MemberData(nameof(WaysAndFullDoors))]
    public async Task A_type_and_a_content_type_arrive_as_they_were_sent(Way way, TransportDoor door)
    {
        var message = await SendAndReceiveAsync(
            way, door, "<p>hi</p>", new SendOptions { Type = "chat.line~1", ContentType = "text/html; charset=\"utf-8\"" });

        message.Type.ShouldBe("chat.line~1");
        message.Text.ShouldBe("<p>hi</p>");
        if (way != Way.Sse)
        {
            message.ContentType.ShouldBe("text/html; charset=\"utf-8\"");
        }
    }

    [Theory]
    [MemberData(nameof(WaysAndFullDoors))]
    public async Task A_json_body_arrives_as_the_same_json(Way way, TransportDoor door)
    {
        const string Json = """{"text":"grüße 👋","n":[1,2.50,-0],"deep":{"a":null,"b":true}}""";

        var message = await SendAndReceiveAsync(way, door, Json, new SendOptions { ContentType = "application/json" });

        message.Text.ShouldBe(Json);
        if (way != Way.Sse)
        {
            message.Json!.Value.GetProperty("data").ValueKind.ShouldBe(JsonValueKind.Object);
        }
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task Json_on_several_lines_stays_one_event(Way way)
    {
        const string Json = "{\r\n  \"a\": [1,\n 2],\n\t\"text\": \"two\\nlines\"\r\n}";

        var message = await SendAndReceiveAsync(
            way, TransportDoor.Rest, Json, new SendOptions { ContentType = "application/vnd.example+json" });

        using var document = JsonDocument.Parse(message.Text);
        document.RootElement.GetProperty("a").GetArrayLength().ShouldBe(2);
        document.RootElement.GetProperty("text").GetString().ShouldBe("two\nlines");
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_body_that_claims_to_be_json_and_is_not_arrives_as_text(Way way)
    {
        var message = await SendAndReceiveAsync(
            way, TransportDoor.Rest, "{\"a\":", new SendOptions { ContentType = "application/json" });

        var text = way == Way.Sse ? message.Text : message.Json!.Value.GetProperty("data").GetString();
        text.ShouldBe("{\"a\":");
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_bare_body_is_never_json_and_has_no_type(Way way)
    {
        var message = await SendAndReceiveAsync(way, TransportDoor.BareRedis, """{"a":1}""", null);

        message.Text.ShouldBe("""{"a":1}""");
        message.Type.ShouldBeNull();
        message.ContentType.ShouldBeNull();
        if (way != Way.Sse)
        {
            message.Json!.Value.GetProperty("data").ValueKind.ShouldBe(JsonValueKind.String);
        }
    }

    private async Task<ReceivedEvent> SendAndReceiveAsync(Way way, TransportDoor door, string body, SendOptions? options)
    {
        var mailbox = Names.Fresh("parts");
        await using var sender = cluster.SenderOf(door);
        await using var receiver = await cluster.B.OpenAsync(way, mailbox);
        (await sender.SendAsync(mailbox, body, options)).IsAccepted.ShouldBeTrue();
        return await receiver.MessageAsync();
    }
}
