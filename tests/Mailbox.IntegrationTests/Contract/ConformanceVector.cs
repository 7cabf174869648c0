using System.Text.Json;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Contract;

/// <summary>One case of docs/redis-contract-vectors.json: what a producer sends, and what then is there.</summary>
internal sealed record ConformanceVector
{
    public required string Name { get; init; }

    public required IReadOnlyList<IReadOnlyList<JsonElement>> Commands { get; init; }

    public required IReadOnlyList<JsonElement> Replies { get; init; }

    /// <summary>The keys after the commands: null for one that is not there.</summary>
    public IReadOnlyDictionary<string, JsonElement> Keys { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>What a receiver gets then, and nothing else; null where none is to come.</summary>
    public IReadOnlyList<JsonElement>? Messages { get; init; }

    /// <summary>The keys once it has acknowledged all of it.</summary>
    public IReadOnlyDictionary<string, JsonElement> Acknowledged { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The mailbox, as the keys of the commands name it.</summary>
    public string Mailbox => Name;

    public override string ToString() => Name;
}

/// <summary>The whole file.</summary>
internal sealed record ConformanceVectors
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip,
    };

    public static ConformanceVectors All { get; } = JsonSerializer.Deserialize<ConformanceVectors>(
        File.ReadAllBytes(Path.Combine(RepositoryRoot.Path, "docs", "redis-contract-vectors.json")), Options)!;

    public required int Contract { get; init; }

    /// <summary>Of the node; everything else has its default.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    public required IReadOnlyList<ConformanceVector> Vectors { get; init; }
}
