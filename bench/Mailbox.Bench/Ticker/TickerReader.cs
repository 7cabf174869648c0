using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Mailbox.Bench.Ticker;

/// <summary>
/// One member's stream of NDJSON. A slow one acknowledges each quote when it is through with it, and lets one be in flight: what
/// it was not sent may be replaced.
/// </summary>
internal sealed class TickerReader(HttpClient http, Uri node, string mailbox, int symbols, bool isSlow, TimeSpan slowFor)
{
    private readonly int[] _newest = [.. Enumerable.Repeat(-1, symbols)];
    private HttpResponseMessage? _response;
    private Task _reading = Task.CompletedTask;

    public string Mailbox => mailbox;

    public bool IsSlow => isSlow;

    public int Count { get; private set; }

    public int OutOfOrder { get; private set; }

    public bool IsBroken { get; private set; }

    public bool Has(int[] newest)
    {
        for (var i = 0; i < newest.Length; i++)
        {
            if (Volatile.Read(ref _newest[i]) != newest[i])
            {
                return false;
            }
        }

        return true;
    }

    public async Task OpenAsync(CancellationToken stop)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node, $"/v1/mailboxes/{mailbox}{(isSlow ? "?ack=client&window=1" : "")}"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/x-ndjson"));
        _response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        _response.EnsureSuccessStatusCode();
        _reading = ReadAsync(await _response.Content.ReadAsStreamAsync(stop), stop);
    }

    public async Task EndAsync()
    {
        await _reading;
        _response?.Dispose();
    }

    private async Task ReadAsync(Stream stream, CancellationToken stop)
    {
        try
        {
            using var lines = new StreamReader(stream);
            while (await lines.ReadLineAsync(stop) is { } line)
            {
                using var json = JsonDocument.Parse(line.Length == 0 ? "{}" : line);
                if (json.RootElement.TryGetProperty("data", out var quote))
                {
                    Take(quote.GetProperty("symbol").GetInt32(), quote.GetProperty("n").GetInt32());
                    if (isSlow)
                    {
                        await Task.Delay(slowFor, stop);
                        await AckAsync(json.RootElement.GetProperty("cursor").GetString()!, stop);
                    }
                }
            }

            IsBroken = true;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or HttpRequestException)
        {
            IsBroken = !stop.IsCancellationRequested;
        }
    }

    private void Take(int symbol, int number)
    {
        Count++;
        OutOfOrder += number <= _newest[symbol] ? 1 : 0;
        Volatile.Write(ref _newest[symbol], number);
    }

    private async Task AckAsync(string cursor, CancellationToken stop)
    {
        using var body = new StringContent($$"""{"cursor":"{{cursor}}"}""", Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(node, $"/v1/mailboxes/{mailbox}/ack"), body, stop);
        answer.EnsureSuccessStatusCode();
    }
}
