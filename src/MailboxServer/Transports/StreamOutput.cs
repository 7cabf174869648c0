using System.IO.Pipelines;
using Mailbox.Mailboxes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mailbox.Transports;

/// <summary>
/// The response body of a stream: headers that let every event through at once, and flushes under the write deadline.
/// </summary>
internal sealed class StreamOutput
{
    private readonly HttpContext _http;
    private readonly SessionTimer? _timer;

    public StreamOutput(HttpContext http, SessionTimer? timer)
    {
        _http = http;
        _timer = timer;
        if (timer is not null)
        {
            timer.CutOff = http.Abort;
        }
    }

    public PipeWriter Body => _http.Response.BodyWriter;

    public static StreamOutput Begin(HttpContext http, string contentType, SessionTimer? timer)
    {
        var response = http.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = contentType;
        response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // The write deadline decides who is too slow; the server's own rate would cut off whoever pauses.
        if (HttpProtocol.IsHttp11(http.Request.Protocol) && http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        return new StreamOutput(http, timer);
    }

    /// <summary>True while the client reads on.</summary>
    public async ValueTask<bool> FlushAsync()
    {
        var flush = Body.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            return !flush.Result.IsCompleted && !_http.RequestAborted.IsCancellationRequested;
        }

        _timer?.WriteBegins();
        try
        {
            var result = await flush;
            var isRead = !result.IsCompleted && !_http.RequestAborted.IsCancellationRequested;
            if (!isRead)
            {
                _timer?.WriteFails();
            }

            return isRead;
        }
        finally
        {
            _timer?.WriteEnds();
        }
    }
}
