using BenchmarkDotNet.Attributes;
using Mailbox.Mailboxes;
using Mailbox.Redis;

namespace Mailbox.Bench.Micro;

/// <summary>What Redis has stored becomes a message.</summary>
public class Reading
{
    private Payload _payload = null!;

    [ParamsAllValues]
    public PayloadKind Kind { get; set; }

    [GlobalSetup]
    public void Setup() => _payload = Payload.Of(Kind);

    [Benchmark(Description = "entry")]
    public object? Entry() => Decode(_payload.Entry);

    [Benchmark(Description = "bare entry")]
    public object? BareEntry() => Decode(_payload.Body);

    [Benchmark(Description = "wake that carries it")]
    public object? Wake() => CarriedDecoder.Decode(_payload.Wake);

    private static Message? Decode(byte[] entry) =>
        EntryDecoder.Decode(entry, Payload.Place.Generation, Payload.Place.Sequence, DateTimeOffset.UnixEpoch).Message;
}
