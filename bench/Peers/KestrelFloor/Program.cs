using System.Buffers;
using System.Collections.Concurrent;

// What Kestrel alone costs: a body that is posted is written to the event stream of that name by the request that brought
// it. Nothing is stored, numbered, checked or bounded: no server on Kestrel that does more can cost less.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
var app = builder.Build();
var streams = new ConcurrentDictionary<string, EventStream>();

app.MapGet("/health/ready", () => Results.Ok());

app.MapGet("/{id}", async (string id, HttpContext http) =>
{
    using var stream = streams[id] = new EventStream(http.Response);
    http.Response.ContentType = "text/event-stream";
    await stream.WriteAsync(": open\n\n"u8.ToArray(), isEvent: false);
    await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
    streams.TryRemove(new(id, stream));
});

app.MapPost("/{id}", async (string id, HttpContext http) =>
{
    var body = http.Request.BodyReader;
    var read = await body.ReadAtLeastAsync((int)http.Request.ContentLength!.Value);
    if (streams.TryGetValue(id, out var stream))
    {
        await stream.WriteAsync(read.Buffer.ToArray(), isEvent: true);
        http.Response.StatusCode = 201;
    }
    else
    {
        http.Response.StatusCode = 404;
    }

    body.AdvanceTo(read.Buffer.End);
});

await app.RunAsync();

internal sealed class EventStream(HttpResponse response) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public void Dispose() => _turn.Dispose();

    public async Task WriteAsync(byte[] bytes, bool isEvent)
    {
        await _turn.WaitAsync();
        try
        {
            var output = response.BodyWriter;
            if (isEvent)
            {
                output.Write("data: "u8);
            }

            output.Write(bytes);
            if (isEvent)
            {
                output.Write("\n\n"u8);
            }

            await output.FlushAsync();
        }
        finally
        {
            _turn.Release();
        }
    }
}
