using System.Runtime.CompilerServices;

namespace Mailbox.Client.Receiving;

/// <summary>A WebSocket of one mailbox; acknowledgements go back on it.</summary>
internal sealed class WebSocketTransport(Opening open) : ITransport
{
    private const int Replaced = 4409;

    private MailboxSocket? _socket;

    public TimeSpan? RetryAfter => null;

    public async IAsyncEnumerable<StreamEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var socket = await MailboxSocket.ConnectAsync(open.Http, open.UriOf(open.After, ""), cancellation).ConfigureAwait(false);
        Volatile.Write(ref _socket, socket);
        await foreach (var next in socket.ReadAsync(cancellation).ConfigureAwait(false))
        {
            yield return next;
        }

        if (socket.CloseCode == Replaced)
        {
            throw new MailboxReplacedException(open.Mailbox);
        }
    }

    public async ValueTask<bool> TryAckAsync(string mailbox, string cursor, CancellationToken cancellation)
    {
        if (Volatile.Read(ref _socket) is not { } socket)
        {
            return false;
        }

        await socket.SayAsync($$"""{"ack":"{{cursor}}"}""", cancellation).ConfigureAwait(false);
        return true;
    }
}
