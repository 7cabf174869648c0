using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Mailbox.Client.Http;
using Mailbox.Contracts;

namespace Mailbox.Client.Receiving;

/// <summary>
/// A WebSocket of several mailboxes. What is to be opened and closed is said on it while it is read: a server that waits for its
/// answers to be read hears nothing more.
/// </summary>
internal sealed class ListTransport(MailboxHttp http, Uri target, SeveralMailboxes several) : ITransport
{
    private MailboxSocket? _socket;
    private Exception? _broken;

    public TimeSpan? RetryAfter => null;

    /// <summary>First an <c>open</c> without a mailbox: the connection is there.</summary>
    public async IAsyncEnumerable<StreamEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var socket = await MailboxSocket.ConnectAsync(http, target, cancellation).ConfigureAwait(false);
        Volatile.Write(ref _socket, socket);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var frames = socket.ReadAsync(over.Token).GetAsyncEnumerator(CancellationToken.None);
        yield return new StreamEvent { Control = ControlEvents.Open };
        var speaking = SpeakAsync(socket, over);
        try
        {
            while (await NextAsync(frames, cancellation).ConfigureAwait(false) is { } next)
            {
                yield return next;
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await speaking.ConfigureAwait(false);
            await frames.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask<bool> TryAckAsync(string mailbox, string cursor, CancellationToken cancellation)
    {
        if (Volatile.Read(ref _socket) is not { } socket)
        {
            return false;
        }

        await socket.SayAsync($$"""{"ack":"{{cursor}}","mailbox":"{{mailbox}}"}""", cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>Null at the end.</summary>
    private async ValueTask<StreamEvent?> NextAsync(IAsyncEnumerator<StreamEvent> frames, CancellationToken cancellation)
    {
        try
        {
            return await frames.MoveNextAsync().ConfigureAwait(false) ? frames.Current : null;
        }
        catch (Exception) when (Volatile.Read(ref _broken) is { } broken && !cancellation.IsCancellationRequested)
        {
            throw new IOException(broken.Message, broken);
        }
    }

    /// <summary>Until the connection is over; when it breaks here, it ends.</summary>
    private async Task SpeakAsync(MailboxSocket socket, CancellationTokenSource over)
    {
        try
        {
            await several.SpeakAsync(socket, over.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException or
            ObjectDisposedException or InvalidOperationException)
        {
            if (!over.IsCancellationRequested)
            {
                Volatile.Write(ref _broken, exception);
                await over.CancelAsync().ConfigureAwait(false);
            }
        }
    }
}
