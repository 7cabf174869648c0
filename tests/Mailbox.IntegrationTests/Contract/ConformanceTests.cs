using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Contract;

/// <summary>
/// Whoever writes a producer in another language has the contract and its vectors, and nothing of ours: both must say what
/// the server does.
/// </summary>
public sealed partial class ConformanceTests(VectorNode setting) : IClassFixture<VectorNode>
{
    public static TheoryData<string> Names => [.. ConformanceVectors.All.Vectors.Select(vector => vector.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_vector_holds(string name)
    {
        var vector = ConformanceVectors.All.Vectors.Single(vector => vector.Name == name);
        await using var cli = await setting.Redis.ConnectAsync();

        vector.Replies.Count.ShouldBe(vector.Commands.Count, "each command has its reply");
        for (var i = 0; i < vector.Commands.Count; i++)
        {
            var reply = await ReplyAsync(cli, [.. vector.Commands[i].Select(VectorValue.BytesOf)]);
            VectorValue.ShouldMatch(vector.Replies[i], reply, $"reply {i}");
        }

        await AssertKeysAsync(cli, vector.Keys);
        if (vector.Messages is { } messages)
        {
            (await ReceiveAllAsync(vector.Mailbox)).ShouldBe(messages.Select(Spell));
        }

        await AssertKeysAsync(cli, vector.Acknowledged);
    }

    [Fact]
    public async Task The_contract_names_every_vector_and_no_other()
    {
        var contract = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "redis-contract.md"));

        var named = VectorsLine().Matches(contract)
            .SelectMany(line => Quoted().Matches(line.Value).Select(match => match.Groups[1].Value)).ToList();

        named.ShouldBe(ConformanceVectors.All.Vectors.Select(vector => vector.Name), ignoreOrder: true);
        ConformanceVectors.All.Contract.ShouldBe(Redis.VersionMarker.Contract);
    }

    private static async Task<object?> ReplyAsync(RedisCli cli, object[] command)
    {
        try
        {
            return await cli.ExecuteAsync(command);
        }
        catch (RedisErrorException error)
        {
            return error;
        }
    }

    private static async Task AssertKeysAsync(RedisCli cli, IReadOnlyDictionary<string, JsonElement> keys)
    {
        foreach (var (key, expected) in keys)
        {
            var type = await cli.TextAsync("TYPE", key);
            type.ShouldBe(expected.ValueKind == JsonValueKind.Null ? "none" : expected.GetProperty("type").GetString(), key);
            foreach (var aspect in expected.ValueKind == JsonValueKind.Null ? [] : expected.EnumerateObject().Skip(1))
            {
                await AssertAsync(cli, key, type!, aspect);
            }
        }
    }

    private static async Task AssertAsync(RedisCli cli, string key, string type, JsonProperty aspect)
    {
        switch (aspect.Name)
        {
            case "length":
                VectorValue.ShouldMatch(aspect.Value, await cli.ExecuteAsync(type == "list" ? "LLEN" : "HLEN", key), key);
                break;
            case "entries":
                VectorValue.ShouldMatch(aspect.Value, await cli.ExecuteAsync("LRANGE", key, 0, -1), key);
                break;
            case "fields":
                foreach (var field in aspect.Value.EnumerateObject())
                {
                    VectorValue.ShouldMatch(field.Value, await cli.ExecuteAsync("HGET", key, field.Name), $"{key} {field.Name}");
                }

                break;
            case "expires":
                aspect.Value.GetBoolean().ShouldBe(await cli.ExecuteAsync("TTL", key) is > 0L, key);
                break;
            case "expiresAtMost":
                ((long)(await cli.ExecuteAsync("TTL", key))!).ShouldBeInRange(1, aspect.Value.GetInt64(), key);
                break;
            case "expiresWith":
                (await cli.ExecuteAsync("PEXPIRETIME", key)).ShouldBe(
                    await cli.ExecuteAsync("PEXPIRETIME", aspect.Value.GetString()!), key);
                break;
            default:
                throw new FormatException($"What is '{aspect.Name}' of {key}?");
        }
    }

    /// <summary>Polls without waiting until an answer is empty: each poll acknowledges the answer before it.</summary>
    private async Task<List<string>> ReceiveAllAsync(string mailbox)
    {
        var received = new List<string>();
        for (var cursor = ""; ;)
        {
            var answer = await setting.Node.CallAsync(
                "GET", $"{MailboxRoutes.ForMailbox(mailbox)}?wait=0&limit=1000{cursor}", null, ("Accept", "application/json"));
            answer.Status.ShouldBe(200, answer.Text);
            var controls = answer.Json.TryGetProperty("control", out var told) ? told.EnumerateArray().ToList() : [];
            var messages = answer.Json.GetProperty("messages").EnumerateArray().ToList();
            if (controls.Count + messages.Count == 0)
            {
                return received;
            }

            received.AddRange(controls.Select(Spell).Concat(messages.Select(Spell)));
            cursor = $"&after={answer.Json.GetProperty("cursor").GetString()}";
        }
    }

    /// <summary>What is determined of a message or control event, as one line: the same for a vector's and a received one.</summary>
    private static string Spell(JsonElement one)
    {
        if (one.TryGetProperty("control", out _))
        {
            return $"{one.GetProperty("control")} {one.GetProperty("reason")} {one.GetProperty("from")}-{one.GetProperty("to")}";
        }

        var sequence = one.TryGetProperty("sequence", out var given)
            ? given.GetInt64()
            : long.Parse(one.GetProperty("id").GetString()!.Split('-')[1], CultureInfo.InvariantCulture);
        var data = one.TryGetProperty("data", out var value)
            ? value.ValueKind == JsonValueKind.Object && value.TryGetProperty("repeat", out _)
                ? JsonSerializer.Serialize(System.Text.Encoding.UTF8.GetString(VectorValue.BytesOf(value)))
                : JsonSerializer.Serialize(value)
            : $"base64 {one.GetProperty("dataBase64")}";
        return $"{sequence} type={Text("type")} contentType={Text("contentType")} {data}";

        string? Text(string name) => one.TryGetProperty(name, out var text) ? text.GetString() : null;
    }

    [GeneratedRegex("^Vectors: (?:.|\n(?!\n))*", RegexOptions.Multiline)]
    private static partial Regex VectorsLine();

    [GeneratedRegex("`([a-z0-9-]+)`")]
    private static partial Regex Quoted();
}
