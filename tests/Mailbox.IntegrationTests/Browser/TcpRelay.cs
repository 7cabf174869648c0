using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>
/// The network between a browser and a node: passes bytes both ways, and can be cut, refuse, hold back, and lead elsewhere.
/// It writes down the opens that it sees. Of itself it answers only the pages.
/// </summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<RelayedConnection, bool> _connections = new();
    private readonly List<Task> _running = [];
    private readonly Task _accepting;
    private volatile Uri _node;
    private volatile bool _refuses;
    private volatile bool _holdsBack;

    public TcpRelay(Uri node)
    {
        _node = node;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Every request that opens a mailbox, in the order of their arrival.</summary>
    public ConcurrentQueue<OpenRequest> Opens { get; } = new();

    /// <summary>What the node has sent since <see cref="HoldBack"/>.</summary>
    public string HeldBack => string.Concat(_connections.Keys.Select(connection => connection.HeldBack));

    /// <summary>Resets every connection on both sides; returns when they are gone.</summary>
    public async Task CutAsync()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Dispose();
        }

        Task[] running;
        lock (_running)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
        _holdsBack = false;
    }

    /// <summary>From now on who connects is reset.</summary>
    public void Refuse() => _refuses = true;

    public void Accept() => _refuses = false;

    /// <summary>From now until the next cut, nothing that the node sends reaches the browser.</summary>
    public void HoldBack() => _holdsBack = true;

    /// <summary>Leads to another node; connections to the one before are reset.</summary>
    public async Task SwitchToAsync(Uri node)
    {
        _node = node;
        await CutAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        await CutAsync();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket browser;
            try
            {
                browser = await _listener.AcceptSocketAsync();
            }
            catch (Exception exception) when (exception is SocketException or InvalidOperationException)
            {
                return; // disposed, or no listener any more
            }

            if (_refuses)
            {
                browser.LingerState = new LingerOption(true, 0);
                browser.Dispose();
                continue;
            }

            var connection = new RelayedConnection(browser, _node, Opens.Enqueue, () => _holdsBack);
            _connections[connection] = true;
            var running = connection.RunAsync();
            lock (_running)
            {
                _running.RemoveAll(task => task.IsCompleted);
                _running.Add(ForgetAsync(connection, running));
            }
        }
    }

    private async Task ForgetAsync(RelayedConnection connection, Task running)
    {
        await running;
        _connections.TryRemove(connection, out _);
    }
}

/// <summary>A request that opens a mailbox, as the browser sent it.</summary>
/// <param name="Target">The path and the query.</param>
/// <param name="LastEventId">The header that an EventSource sends when it comes back.</param>
internal sealed record OpenRequest(string Target, string? LastEventId);

/// <summary>One connection through the relay.</summary>
internal sealed partial class RelayedConnection(Socket browser, Uri node, Action<OpenRequest> opened, Func<bool> holdsBack) : IDisposable
{
    private readonly Socket _upstream = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly StringBuilder _heldBack = new();
    private readonly StringBuilder _head = new();

    public string HeldBack
    {
        get
        {
            lock (_heldBack)
            {
                return _heldBack.ToString();
            }
        }
    }

    public async Task RunAsync()
    {
        try
        {
            await _upstream.ConnectAsync(IPAddress.Loopback, node.Port);
            browser.NoDelay = _upstream.NoDelay = true;
            await Task.WhenAll(PumpAsync(browser, _upstream, ReadHeads), PumpAsync(_upstream, browser, null));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut, or one side reset it; so the other side sees a reset, too.
        }

        Dispose();
    }

    /// <summary>Resets both sides; <see cref="RunAsync"/> then returns.</summary>
    public void Dispose()
    {
        Reset(browser);
        Reset(_upstream);
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }

        socket.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to, Action<string>? read)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            int length;
            while ((length = await from.ReceiveAsync(buffer)) > 0)
            {
                if (read is not null && TestPage.AnswerTo(buffer.AsSpan(0, length)) is { } page)
                {
                    await from.SendAsync(page);
                    continue;
                }

                read?.Invoke(Encoding.Latin1.GetString(buffer, 0, length));
                if (read is null && holdsBack())
                {
                    lock (_heldBack)
                    {
                        _heldBack.Append(Encoding.Latin1.GetString(buffer, 0, length));
                    }

                    continue;
                }

                await to.SendAsync(buffer.AsMemory(0, length));
            }

            if (read is not null || !holdsBack())
            {
                to.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Dispose();
            throw;
        }
    }

    private void ReadHeads(string text)
    {
        _head.Append(text);
        var sent = _head.ToString();
        var end = sent.LastIndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return;
        }

        _head.Clear().Append(sent.AsSpan(end + 4));
        foreach (Match open in Open().Matches(sent))
        {
            var id = LastEventId().Match(open.Groups["headers"].Value).Groups["id"];
            opened(new OpenRequest(open.Groups["target"].Value, id.Success ? id.Value : null));
        }
    }

    [GeneratedRegex(@"GET (?<target>/v1/mailboxes/[^/ ]+) HTTP/1\.1\r\n(?<headers>.*?\r\n)\r\n", RegexOptions.Singleline)]
    private static partial Regex Open();

    [GeneratedRegex(@"^Last-Event-ID: *(?<id>\S+)", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex LastEventId();
}
