namespace Mailbox.TestKit;

/// <summary>Opens a mailbox over any transport.</summary>
public static class Receivers
{
    /// <summary>All transports, for tests that state a behaviour once.</summary>
    public static IReadOnlyList<TransportKind> Transports { get; } = Enum.GetValues<TransportKind>();

    /// <exception cref="OpenRefusedException">Anything but a stream; so also 204.</exception>
    /// <exception cref="TimeoutException">No answer within the options' deadline.</exception>
    public static async Task<IReceiver> OpenAsync(
        TransportKind transport,
        Uri node,
        string mailbox,
        ReceiverOptions? options = null,
        CancellationToken cancellationToken = default) => transport switch
        {
            TransportKind.Sse => await SseAsync(node, mailbox, options, cancellationToken),
            TransportKind.WebSocket => await WebSocketAsync(node, mailbox, options, cancellationToken),
            TransportKind.Ndjson => await NdjsonAsync(node, mailbox, options, cancellationToken),
            TransportKind.LongPoll => await LongPollAsync(node, mailbox, options, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(transport)),
        };

    public static Task<SseReceiver> SseAsync(
        Uri node, string mailbox, ReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        OpenAsync(node, mailbox, options, SseReceiver.OpenAsync, cancellationToken);

    public static Task<WebSocketReceiver> WebSocketAsync(
        Uri node, string mailbox, ReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        OpenAsync(node, mailbox, options, WebSocketReceiver.OpenAsync, cancellationToken);

    public static Task<NdjsonReceiver> NdjsonAsync(
        Uri node, string mailbox, ReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        OpenAsync(node, mailbox, options, NdjsonReceiver.OpenAsync, cancellationToken);

    public static Task<LongPollReceiver> LongPollAsync(
        Uri node, string mailbox, ReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        OpenAsync(node, mailbox, options, LongPollReceiver.OpenAsync, cancellationToken);

    private static async Task<T> OpenAsync<T>(
        Uri node,
        string mailbox,
        ReceiverOptions? options,
        Func<HttpOpen, CancellationToken, Task<T>> openAsync,
        CancellationToken cancellationToken)
    {
        var open = new HttpOpen(node, mailbox, options ?? new ReceiverOptions());
        try
        {
            return await openAsync(open, cancellationToken);
        }
        catch
        {
            open.Dispose();
            throw;
        }
    }
}
