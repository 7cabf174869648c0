using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mailbox.Client.Diagnostics;
using Mailbox.Client.Http;
using Mailbox.Client.Receiving;
using Mailbox.Client.Sending;
using Mailbox.Contracts;

namespace Mailbox.Client;

/// <summary>Delivers into mailboxes, and receives from them. Thread-safe; one for the whole program.</summary>
public sealed class MailboxClient : IDisposable
{
    /// <summary>The name of the client's ActivitySource and of its Meter.</summary>
    public const string DiagnosticsName = "Mailbox.Client";

    internal static readonly SendOptions NoOptions = new();

    private readonly MailboxHttp _http;
    private readonly Deliveries _deliveries;
    private readonly HttpClient? _own;

    /// <summary>With default options.</summary>
    /// <param name="baseAddress">Where the server is, such as <c>https://mailbox.example.com</c>.</param>
    public MailboxClient(string baseAddress)
        : this(new MailboxClientOptions { BaseAddresses = { new Uri(baseAddress) } })
    {
    }

    /// <summary>With connections of its own.</summary>
    /// <param name="options">Copied; later changes have no effect.</param>
    /// <exception cref="ArgumentException">An option that cannot work.</exception>
    public MailboxClient(MailboxClientOptions options)
        : this(NewHttpClient(), options) => _own = _http.Client;

    /// <summary>With default options.</summary>
    /// <param name="http">Its <see cref="HttpClient.BaseAddress"/> is the server. Not disposed.</param>
    public MailboxClient(HttpClient http)
        : this(http, new MailboxClientOptions { BaseAddresses = { http.BaseAddress ?? throw new ArgumentException("It has no BaseAddress.", nameof(http)) } })
    {
    }

    /// <summary>With connections of somebody else's.</summary>
    /// <param name="http">Its handlers take part in all requests and opens. Its timeout should be longer than the options' timeouts. Not disposed.</param>
    /// <param name="options">Copied; later changes have no effect.</param>
    /// <exception cref="ArgumentException">An option that cannot work.</exception>
    public MailboxClient(HttpClient http, MailboxClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(options);
        _http = new MailboxHttp(http, options.Snapshot());
        _deliveries = new Deliveries(_http);
    }

    /// <summary>The receiver of one mailbox. Nothing is opened before it is looped over.</summary>
    /// <param name="mailbox">The mailbox's name; see <see cref="MailboxName"/>.</param>
    /// <param name="options">Window, acknowledgement, transport, place.</param>
    /// <exception cref="ArgumentException">Not a mailbox name, or an option out of its range.</exception>
    public MailboxReceiver ReceiveAsync(string mailbox, ReceiverOptions? options = null)
    {
        CheckName(mailbox);
        options ??= new ReceiverOptions();
        if (options.Window is < 1 or > 1000)
        {
            throw new ArgumentOutOfRangeException(nameof(options), "A window is 1 to 1000.");
        }

        return new MailboxReceiver(_http, mailbox, options);
    }

    /// <summary>The receiver of one mailbox whose messages are JSON values of one type. Nothing is opened before it is looped over.</summary>
    /// <typeparam name="T">The values' type.</typeparam>
    /// <param name="mailbox">The mailbox's name; see <see cref="MailboxName"/>.</param>
    /// <param name="typeInfo">How to read a value, as of a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>.</param>
    /// <param name="options">Window, acknowledgement, transport, place.</param>
    /// <exception cref="ArgumentException">Not a mailbox name, or an option out of its range.</exception>
    public MailboxReceiver<T> ReceiveAsync<T>(string mailbox, JsonTypeInfo<T> typeInfo, ReceiverOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return new MailboxReceiver<T>(ReceiveAsync(mailbox, options), typeInfo);
    }

    /// <summary>The receiver of several mailboxes on one connection, a WebSocket. Nothing is opened before it is looped over.</summary>
    /// <param name="mailboxes">1 to 1,000 names, each once; a server may be set to fewer. The list can be changed later.</param>
    /// <param name="options">Window, acknowledgement, places.</param>
    /// <exception cref="ArgumentException">No name, too many, one that is none or comes twice; or an option out of its range.</exception>
    public MailboxListReceiver ReceiveAsync(IReadOnlyList<string> mailboxes, ListReceiverOptions? options = null)
    {
        CheckNames(mailboxes);
        if (mailboxes.Count is 0 or > WantedList.Most)
        {
            throw new ArgumentException("1 to 1,000 mailboxes.", nameof(mailboxes));
        }

        options ??= new ListReceiverOptions();
        if (options.Window is < 1 or > 1000)
        {
            throw new ArgumentOutOfRangeException(nameof(options), "A window is 1 to 1000.");
        }

        return new MailboxListReceiver(_http, mailboxes, options);
    }

    /// <summary>Delivers <paramref name="body"/> as it is into one mailbox, and tries again while the server is away.</summary>
    /// <param name="mailbox">The mailbox's name; see <see cref="MailboxName"/>.</param>
    /// <param name="body">At most what the server allows, 65,536 bytes by default.</param>
    /// <param name="options">What the message carries beside its body.</param>
    /// <param name="cancellationToken">Gives up waiting; whether the message was stored is then unknown.</param>
    /// <returns>What became of it: it is stored. Two deliveries made one after the other are received in that order.</returns>
    /// <exception cref="ArgumentException">Not a mailbox name; or an option that no header can carry.</exception>
    /// <exception cref="MailboxException">
    /// The server refused it, and nothing was stored; or with <see cref="MailboxException.IsTransient"/>, the retries are over and
    /// it is unknown.
    /// </exception>
    public Task<DeliveryResult> SendAsync(
        string mailbox, ReadOnlyMemory<byte> body, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        CheckName(mailbox);
        options = (options ?? NoOptions).Checked();
        return ClientDiagnostics.SendingAsync(
            mailbox, 1, () => _deliveries.SendAsync(mailbox, body, options, options.KeyOrRandom, cancellationToken));
    }

    /// <summary>Delivers text: UTF-8, as <c>text/plain; charset=utf-8</c> unless the options say otherwise.</summary>
    /// <param name="mailbox">The mailbox's name; see <see cref="MailboxName"/>.</param>
    /// <param name="text">At most what the server allows, 65,536 bytes by default.</param>
    /// <param name="options">What the message carries beside its body.</param>
    /// <param name="cancellationToken">Gives up waiting; whether the message was stored is then unknown.</param>
    /// <inheritdoc cref="SendAsync(string, ReadOnlyMemory{byte}, SendOptions?, CancellationToken)"/>
    public Task<DeliveryResult> SendAsync(
        string mailbox, string text, SendOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(mailbox, Encoding.UTF8.GetBytes(text), AsText(options), cancellationToken);

    /// <summary>Delivers a value as JSON: <c>application/json</c> unless the options say otherwise.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="mailbox">The mailbox's name; see <see cref="MailboxName"/>.</param>
    /// <param name="value">The value; as JSON at most what the server allows, 65,536 bytes by default.</param>
    /// <param name="typeInfo">How to write it, as of a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>.</param>
    /// <param name="options">What the message carries beside its body.</param>
    /// <param name="cancellationToken">Gives up waiting; whether the message was stored is then unknown.</param>
    /// <inheritdoc cref="SendAsync(string, ReadOnlyMemory{byte}, SendOptions?, CancellationToken)"/>
    public Task<DeliveryResult> SendAsync<T>(
        string mailbox, T value, JsonTypeInfo<T> typeInfo, SendOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(mailbox, JsonSerializer.SerializeToUtf8Bytes(value, typeInfo), AsJson(options), cancellationToken);

    /// <summary>
    /// Delivers one message into many mailboxes. Each succeeds or fails by itself: look at each
    /// <see cref="DeliverManyResult.Status"/>. Those that could not be reached are tried again.
    /// </summary>
    /// <param name="mailboxes">Names; each once. More than 10,000 become several requests.</param>
    /// <param name="body">At most what the server allows, 65,536 bytes by default.</param>
    /// <param name="options">What the message carries beside its body.</param>
    /// <param name="cancellationToken">Gives up waiting; what was stored is then unknown.</param>
    /// <returns>One result for each mailbox, in the order of <paramref name="mailboxes"/>.</returns>
    /// <exception cref="ArgumentException">One is not a mailbox name, or comes twice; or an option that no header can carry. Nothing was sent.</exception>
    /// <exception cref="MailboxException">
    /// The server refused the request as a whole, or nobody answered, before any mailbox had a result. Afterwards those that
    /// have none get the refusal as theirs, 503 where nobody answered.
    /// </exception>
    public Task<IReadOnlyList<DeliverManyResult>> SendAsync(
        IReadOnlyList<string> mailboxes, ReadOnlyMemory<byte> body, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        CheckNames(mailboxes);
        options = (options ?? NoOptions).Checked();
        return ClientDiagnostics.SendingAsync(
            null, mailboxes.Count, () => _deliveries.SendAsync(mailboxes, body, options, cancellationToken));
    }

    /// <summary>A group: one delivery into the mailboxes of all its members. Nothing is sent before it is asked to.</summary>
    /// <param name="name">The group's name; as those of mailboxes.</param>
    /// <exception cref="ArgumentException">Not a name.</exception>
    public MailboxGroup Group(string name)
    {
        CheckName(name);
        return new MailboxGroup(_http, name);
    }

    /// <summary>Something that gathers messages of many callers into few requests. Dispose it to send what waits.</summary>
    /// <param name="options">How many messages wait, and how long.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option out of its range.</exception>
    public MailboxSender CreateSender(MailboxSenderOptions? options = null) => new(_http, options ?? new MailboxSenderOptions());

    /// <summary>
    /// Tells that everything up to <paramref name="cursor"/> is received. Repeating it is harmless. For who keeps cursors
    /// himself; a <see cref="MailboxReceiver"/> acknowledges by itself. Tried again as a delivery is.
    /// </summary>
    /// <param name="mailbox">The mailbox's name.</param>
    /// <param name="cursor">What came with a message, unchanged.</param>
    /// <param name="cancellationToken">Gives up waiting; the acknowledgement may have taken effect.</param>
    /// <exception cref="MailboxException">409: another receiver has the mailbox, or the position does not hold any more.</exception>
    public Task AckAsync(string mailbox, string cursor, CancellationToken cancellationToken = default)
    {
        CheckName(mailbox);
        return AckPump.TellAsync(_http, mailbox, cursor, _http.Options.SendRetryTime, cancellationToken);
    }

    /// <summary>
    /// Asks for a ticket: what a backend hands to a browser, whose EventSource can send no header. It admits one receiver, whose
    /// first open has to come soon. Tried again as a delivery is; each attempt may make a ticket, and those that nobody uses go away.
    /// </summary>
    /// <param name="mailbox">The mailbox's name; this client's token or key may open it.</param>
    /// <param name="options">To watch only; how long.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The ticket, the path to open with it, and how long it lasts.</returns>
    /// <exception cref="ArgumentException">Not a mailbox name, or a lifetime under a second.</exception>
    /// <exception cref="MailboxException">400: the lifetime is more than the server allows. 403, 401: the mailbox is not this client's to open.</exception>
    public async Task<TicketAnswer> CreateTicketAsync(
        string mailbox, TicketOptions? options = null, CancellationToken cancellationToken = default)
    {
        CheckName(mailbox);
        if (options?.Lifetime is { } lifetime && (lifetime < TimeSpan.FromSeconds(1) || lifetime.TotalSeconds > int.MaxValue))
        {
            throw new ArgumentOutOfRangeException(nameof(options), "A ticket's lifetime is at least a second.");
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(
            new TicketRequest(mailbox, options is { IsShared: true } ? "shared" : null, (int?)options?.Lifetime?.TotalSeconds),
            ClientJsonContext.Default.TicketRequest);
        return await new Retry(_http).RunAsync(address => AskForTicketAsync(address, body, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes connections of its own. Receivers and senders that are in use fail; dispose them first.</summary>
    public void Dispose() => _own?.Dispose();

    private async Task<TicketAnswer> AskForTicketAsync(Uri address, byte[] body, CancellationToken cancellation)
    {
        using var response = await _http.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, Opening.UriAt(address, MailboxRoutes.Tickets))
            {
                Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } },
            },
            _http.Options.AttemptTimeout,
            cancellation).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(
                await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false), ClientJsonContext.Default.TicketAnswer)
                ?? throw new JsonException("null");
        }
        catch (JsonException exception)
        {
            throw new MailboxException((int)response.StatusCode, null, "What came cannot be read.", exception);
        }
    }

    internal static void CheckName(string mailbox)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        if (!MailboxName.IsValid(mailbox))
        {
            throw new ArgumentException("Not a mailbox name.", nameof(mailbox));
        }
    }

    private static void CheckNames(IReadOnlyList<string> mailboxes)
    {
        ArgumentNullException.ThrowIfNull(mailboxes);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mailbox in mailboxes)
        {
            CheckName(mailbox);
            if (!seen.Add(mailbox))
            {
                throw new ArgumentException($"The mailbox '{mailbox}' comes twice.", nameof(mailboxes));
            }
        }
    }

    internal static SendOptions AsText(SendOptions? options) => (options ?? NoOptions) switch
    {
        { ContentType: null } absent => absent with { ContentType = "text/plain; charset=utf-8" },
        var given => given,
    };

    private static SendOptions AsJson(SendOptions? options) => (options ?? NoOptions) switch
    {
        { ContentType: null } absent => absent with { ContentType = "application/json" },
        var given => given,
    };

    private static HttpClient NewHttpClient() => new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(2), // so that a changed address in DNS is seen
        UseCookies = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // every attempt has a deadline of the options'
    };
}
