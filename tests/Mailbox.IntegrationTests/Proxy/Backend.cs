using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Mailbox.IntegrationTests.Proxy;

/// <summary>A backend that knows nothing but HTTP: each test says what it answers on a path of its own.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new(StringComparer.Ordinal);
    private readonly WebApplication _app;
    private int _paths;

    private Backend()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.ResponseHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(http => _answers.TryGetValue(http.Request.Path.Value!.Split('/')[^1], out var answer)
            ? answer(http)
            : Task.FromException(new InvalidOperationException($"Nobody answers {http.Request.Path}.")));
    }

    public string Address => _app.Urls.Single();

    public static async Task<Backend> StartAsync()
    {
        var backend = new Backend();
        await backend._app.StartAsync();
        return backend;
    }

    /// <returns>The last segment of the path that is answered so.</returns>
    public string On(RequestDelegate answer)
    {
        var path = $"call{Interlocked.Increment(ref _paths)}";
        _answers[path] = answer;
        return path;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
