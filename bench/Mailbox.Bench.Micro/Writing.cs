using System.Buffers;
using BenchmarkDotNet.Attributes;
using Mailbox.Mailboxes;
using Mailbox.Redis;
using Mailbox.Transports;

namespace Mailbox.Bench.Micro;

/// <summary>A message becomes what a transport sends.</summary>
public class Writing
{
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private Message _message = null!;

    [ParamsAllValues]
    public PayloadKind Kind { get; set; }

    [GlobalSetup]
    public void Setup() => _message = CarriedDecoder.Decode(Payload.Of(Kind).Wake)!.Message;

    [Benchmark(Description = "server-sent event")]
    public int Sse()
    {
        _output.ResetWrittenCount();
        SseWriter.WriteMessage(_output, _message, Payload.Receiver, asEnvelope: false);
        return _output.WrittenCount;
    }

    [Benchmark(Description = "envelope")]
    public int Envelope()
    {
        _output.ResetWrittenCount();
        EnvelopeWriter.WriteMessage(_output, _message, Payload.Receiver);
        return _output.WrittenCount;
    }
}
