using System.Diagnostics;
using System.Text.Json;

namespace Mailbox.Faults.Histories;

/// <summary>What happened in a run, in order: kept in memory for the checker and, line by line, in a file.</summary>
public sealed class History : IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly Lock _gate = new();
    private readonly List<HistoryEvent> _events = [];
    private readonly StreamWriter? _file;
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <param name="path">A file to append to, or null for a history in memory only.</param>
    public History(string? path = null) => _file = path is null ? null : new StreamWriter(path);

    public TimeSpan Elapsed => _clock.Elapsed;

    public void Add(HistoryEvent happened)
    {
        lock (_gate)
        {
            happened = happened with { Index = _events.Count, At = _clock.Elapsed.TotalMilliseconds };
            _events.Add(happened);
            _file?.WriteLine(JsonSerializer.Serialize(happened, Json));
        }
    }

    public IReadOnlyList<HistoryEvent> Snapshot()
    {
        lock (_gate)
        {
            _file?.Flush();
            return [.. _events];
        }
    }

    public static IReadOnlyList<HistoryEvent> Read(string path) =>
        [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<HistoryEvent>(line, Json)!)];

    public void Dispose() => _file?.Dispose();
}
