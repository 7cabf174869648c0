using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Cli;

/// <summary>Answers in the place of a server, as a test tells it, and writes down what it was asked.</summary>
internal sealed class StandIn : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<HttpListenerRequest, StandInAnswer> _answer;
    private readonly Task _running;

    public StandIn(Func<HttpListenerRequest, StandInAnswer> answer)
    {
        _answer = answer;
        Address = new Uri($"http://127.0.0.1:{FreePorts.Take()}/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _running = RunAsync();
    }

    public Uri Address { get; }

    /// <summary>The paths, in the order of their arrival.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _running;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                Asked.Enqueue(context.Request.Url!.AbsolutePath);
                var answer = _answer(context.Request);
                context.Response.StatusCode = answer.Status;
                if (answer.RetryAfter is not null)
                {
                    context.Response.AddHeader("Retry-After", answer.RetryAfter);
                }

                context.Response.Close(Encoding.UTF8.GetBytes(answer.Body), willBlock: true);
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                if (!_listener.IsListening)
                {
                    return; // disposed
                }
            }
        }
    }
}
