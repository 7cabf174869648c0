namespace Mailbox.TestKit;

/// <summary>Reads one JSON envelope a line.</summary>
public sealed class NdjsonReceiver : StreamReceiver
{
    private readonly HttpResponseMessage _response;

    private NdjsonReceiver(HttpOpen open, HttpResponseMessage response)
        : base(open)
    {
        _response = response;
        Headers = HttpOpen.HeadersOf(response);
    }

    public int Status => (int)_response.StatusCode;

    public IReadOnlyDictionary<string, string> Headers { get; }

    internal static async Task<NdjsonReceiver> OpenAsync(HttpOpen open, CancellationToken cancellationToken)
    {
        var response = await open.GetAsync(
            open.AddressOf(Uri.UriSchemeHttp, open.Options.After),
            "application/x-ndjson",
            open.Options.Deadline,
            presentsLastEventId: true,
            cancellationToken);
        var receiver = new NdjsonReceiver(open, response);
        receiver.Start();
        return receiver;
    }

    private protected override async Task ReadAsync(CancellationToken cancellationToken)
    {
        var stream = await _response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[8 * 1024];
        using var line = new MemoryStream();
        int length;
        while ((length = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var rest = buffer.AsMemory(0, length);
            for (int end; (end = rest.Span.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
            {
                line.Write(rest.Span[..end]);
                await GiveLineAsync(line.ToArray(), cancellationToken);
                line.SetLength(0);
            }

            line.Write(rest.Span);
        }

        if (line.Length > 0)
        {
            throw new FormatException("The stream ended in the middle of a line.");
        }
    }

    private protected override void Drop() => _response.Dispose();

    private async ValueTask GiveLineAsync(byte[] line, CancellationToken cancellationToken)
    {
        if (line.Length == 0)
        {
            CountHeartbeat();
            return;
        }

        await GiveAsync(Envelopes.Parse(line), cancellationToken);
    }
}
