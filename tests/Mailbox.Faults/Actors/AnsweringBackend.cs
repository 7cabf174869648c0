using System.Net;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.Faults.Actors;

/// <summary>A backend that knows nothing but HTTP, behind a route of every node: what it is sent it answers, to the mailboxes that it is told.</summary>
internal sealed class AnsweringBackend : IAsyncDisposable
{
    public const string Path = "/answers";

    private readonly HttpListener _listener = new();
    private readonly string _address = $"http://127.0.0.1:{FreePorts.Take()}";
    private Task _listening = Task.CompletedTask;

    private AnsweringBackend() => _listener.Prefixes.Add($"{_address}/");

    /// <summary>Settings of a node that forwards to it.</summary>
    public IEnumerable<KeyValuePair<string, string>> Route =>
    [
        new("Mailbox:Proxy:Routes:0:Path", Path),
        new("Mailbox:Proxy:Routes:0:Backend", _address),
        new("Mailbox:Proxy:CallerKey", Convert.ToBase64String(new byte[32])),
    ];

    public static AnsweringBackend Start()
    {
        var backend = new AnsweringBackend();
        backend._listener.Start();
        backend._listening = backend.ListenAsync();
        return backend;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _listening;
    }

    private async Task ListenAsync()
    {
        while (true)
        {
            try
            {
                _ = AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return; // it is closed
            }
        }
    }

    private static async Task AnswerAsync(HttpListenerContext http)
    {
        try
        {
            using var body = new MemoryStream();
            await http.Request.InputStream.CopyToAsync(body);
            http.Response.ContentType = http.Request.ContentType;
            http.Response.ContentLength64 = body.Length;
            http.Response.Headers[MailboxHeaders.Deliver] = http.Request.QueryString["to"];
            http.Response.Headers[MailboxHeaders.IdempotencyKey] = http.Request.QueryString["key"];
            await http.Response.OutputStream.WriteAsync(body.ToArray());
            http.Response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or IOException or ObjectDisposedException)
        {
            // The node that asked is gone.
        }
    }
}
