using BenchmarkDotNet.Attributes;
using Mailbox.Mailboxes;

namespace Mailbox.Bench.Micro;

/// <summary>A receiver's place, to and from text.</summary>
public class Cursors
{
    private readonly byte[] _output = new byte[Cursor.TextLength];
    private readonly Cursor _cursor = new(Payload.Place, Payload.Receiver);
    private readonly string _text = new Cursor(Payload.Place, Payload.Receiver).ToString();

    [Benchmark(Description = "cursor, written")]
    public void Write() => _cursor.Write(_output);

    [Benchmark(Description = "cursor, read")]
    public bool TryParse() => Cursor.TryParse(_text, out _);
}
