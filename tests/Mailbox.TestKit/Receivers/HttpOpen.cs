using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mailbox.Contracts;

namespace Mailbox.TestKit;

/// <summary>
/// The HTTP side of one receiver: opens, acknowledges, and drops its connection when disposed. It pools with nobody, so that
/// no test meets a connection to a node that another has killed.
/// </summary>
internal sealed class HttpOpen(Uri node, string mailbox, ReceiverOptions options) : IDisposable
{
    public SocketsHttpHandler Handler { get; } = new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectCallback = options.Connected is { } connected
            ? (connecting, cancellation) => ConnectAsync(connecting, connected, cancellation)
            : null,
    };

    public ReceiverOptions Options => options;

    public static Dictionary<string, string> HeadersOf(HttpResponseMessage response) =>
        response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);

    public Uri AddressOf(string scheme, string? after, int? wait = null)
    {
        var parameters = new (string Name, string? Value)[]
        {
            ("id", options.List),
            ("after", after),
            ("mode", options.Mode),
            ("ack", options.Ack),
            ("window", options.Window?.ToString(CultureInfo.InvariantCulture)),
            ("receiver", options.Receiver),
            ("format", options.Format),
            ("limit", options.Limit?.ToString(CultureInfo.InvariantCulture)),
            ("ticket", options.Ticket),
            ("wait", wait?.ToString(CultureInfo.InvariantCulture)),
        };
        return new UriBuilder(new Uri(node, options.IsMany ? MailboxRoutes.OpenMany : MailboxRoutes.ForMailbox(mailbox)))
        {
            Scheme = scheme,
            Query = string.Join('&', (options.Mailboxes ?? []).Select(one => (Name: "m", Value: (string?)one)).Concat(parameters).Where(p => p.Value is not null)
                .Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}")),
        }.Uri;
    }

    /// <summary>Returns when the headers are there.</summary>
    /// <exception cref="OpenRefusedException">Anything but 200.</exception>
    /// <exception cref="TimeoutException">No headers in time.</exception>
    public async Task<HttpResponseMessage> GetAsync(
        Uri address, string accept, TimeSpan timeout, bool presentsLastEventId, CancellationToken cancellationToken)
    {
        using var request = NewRequest(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        foreach (var (name, value) in options.Headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (presentsLastEventId && options.LastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", options.LastEventId);
        }

        return await SendAsync(request, HttpStatusCode.OK, timeout, cancellationToken);
    }

    public async Task AckAsync(string cursor, CancellationToken cancellationToken)
    {
        using var request = NewRequest(HttpMethod.Post, new Uri(node, MailboxRoutes.ForAck(mailbox) + (options.Ticket is null ? "" : "?ticket=" + options.Ticket)));
        request.Content = new ByteArrayContent(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
            new AckRequest(cursor), MailboxJsonContext.Default.AckRequest));
        request.Content.Headers.ContentType = new("application/json");
        foreach (var (name, value) in options.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var response = await SendAsync(request, HttpStatusCode.NoContent, options.Deadline, cancellationToken);
        }
        catch (OpenRefusedException refused)
        {
            throw new HttpRequestException($"The ack was answered {(int)refused.Status}: {refused.Body}", refused, refused.Status);
        }
    }

    public void Dispose() => Handler.Dispose();

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext connecting, Action<IPEndPoint> connected, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(connecting.DnsEndPoint, cancellationToken);
            var local = (IPEndPoint)socket.LocalEndPoint!;
            connected(new IPEndPoint(local.Address.MapToIPv4(), local.Port));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private HttpRequestMessage NewRequest(HttpMethod method, Uri address) => new(method, address)
    {
        Version = options.HttpVersion,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, HttpStatusCode expected, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        using var invoker = new HttpMessageInvoker(Handler, disposeHandler: false);
        try
        {
            var response = await invoker.SendAsync(request, deadline.Token);
            if (response.StatusCode == expected)
            {
                return response;
            }

            using (response)
            {
                throw await OpenRefusedException.ReadAsync(response, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{request.Method} {request.RequestUri} was not answered within {timeout}.");
        }
    }
}
