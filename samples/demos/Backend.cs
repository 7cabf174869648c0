using System.Text.Json;
using Mailbox.Client;
using Mailbox.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Demos;

/// <summary>
/// A backend that knows nothing but requests and answers. What it answers is delivered into a mailbox by the node that forwarded
/// the request (docs/answers-as-messages.md), so that it holds no connection; and it says itself how many it has.
/// </summary>
internal sealed class Backend(MailboxClient client)
{
    private const string Prefix = "ask."; // as the route's Deliver says
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private int _connections;

    /// <summary>Every connection to this process passes here, whoever made it.</summary>
    public ConnectionDelegate Count(ConnectionDelegate next) => async connection =>
    {
        Interlocked.Increment(ref _connections);
        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    };

    public void Map(WebApplication app)
    {
        app.MapGet("/backend", (HttpResponse response) =>
        {
            response.Headers.Connection = "close";
            return Results.NoContent();
        });
        app.MapPost("/backend/ask", AnswerAsync);
    }

    private async Task AnswerAsync(HttpContext http, string mailbox, string question)
    {
        if (!MailboxName.IsValid(mailbox) || !mailbox.StartsWith(Prefix, StringComparison.Ordinal))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var headers = http.Response.Headers;
        headers.Connection = "close"; // or the node would keep it for the next request
        headers["Mailbox-Deliver"] = mailbox;
        headers["Mailbox-Response"] = "empty";
        headers["Mailbox-Type"] = "answer";
        headers["Idempotency-Key"] = $"answer-{Guid.NewGuid():N}";
        http.Response.OnCompleted(() =>
        {
            _ = TellConnectionsAsync(mailbox);
            return Task.CompletedTask;
        });
        await http.Response.WriteAsJsonAsync(new { question, answer = question.Length, open = Volatile.Read(ref _connections) });
    }

    /// <summary>A moment later, and every moment until there are none. Of the topic only the newest waits for a page that is away.</summary>
    private async Task TellConnectionsAsync(string mailbox)
    {
        int open;
        do
        {
            await Task.Delay(Moment);
            open = Volatile.Read(ref _connections);
            try
            {
                await client.SendAsync(
                    mailbox,
                    JsonSerializer.SerializeToUtf8Bytes(new { open }),
                    new SendOptions { ContentType = "application/json", Type = "connections", Topic = "connections" });
            }
            catch (MailboxException)
            {
                return; // nobody can be told
            }
        }
        while (open > 0);
    }
}
