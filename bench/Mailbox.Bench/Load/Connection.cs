using System.Net;
using System.Net.Sockets;

namespace Mailbox.Bench.Load;

/// <summary>A loopback connection on the loop.</summary>
internal abstract class Connection : IDisposable
{
    private readonly Loop _loop;
    private readonly Socket _socket;
    private readonly int _descriptor;
    private byte[] _unsent = [];

    protected Connection(Loop loop, int port)
    {
        _loop = loop;
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.LingerState = new LingerOption(true, 0); // thousands in TIME_WAIT would use up the ports
        _socket.Connect(IPAddress.Loopback, port);
        _descriptor = (int)_socket.Handle;
        loop.Add(_descriptor, OnReady);
    }

    public bool IsClosed { get; private set; }

    public void Dispose()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            _loop.Remove(_descriptor);
            _socket.Dispose();
        }
    }

    protected void Send(ReadOnlySpan<byte> bytes)
    {
        var taken = _unsent.Length == 0 ? Libc.Send(_descriptor, bytes) : 0;
        if (taken < 0)
        {
            Close();
        }
        else if (taken < bytes.Length)
        {
            _unsent = [.. _unsent, .. bytes[taken..]];
            _loop.Change(_descriptor, Libc.Readable | Libc.Writable);
        }
    }

    protected abstract void OnReceived(ReadOnlySpan<byte> bytes);

    /// <summary>The other side ended it.</summary>
    protected abstract void OnClosed();

    private void OnReady(uint events)
    {
        if ((events & Libc.Writable) != 0 && _unsent.Length > 0)
        {
            SendRest();
        }

        if ((events & ~Libc.Writable) != 0)
        {
            Receive();
        }
    }

    private void SendRest()
    {
        var taken = Libc.Send(_descriptor, _unsent);
        if (taken < 0)
        {
            Close();
            return;
        }

        _unsent = _unsent[taken..];
        if (_unsent.Length == 0)
        {
            _loop.Change(_descriptor, Libc.Readable);
        }
    }

    // Once a turn: who has more is asked again in the next, so that nobody keeps the others waiting.
    private void Receive()
    {
        if (IsClosed)
        {
            return;
        }

        var count = Libc.Receive(_descriptor, _loop.Buffer);
        if (count > 0)
        {
            OnReceived(_loop.Buffer.AsSpan(0, count));
        }
        else if (count == 0)
        {
            Close();
        }
    }

    private void Close()
    {
        if (!IsClosed)
        {
            Dispose();
            OnClosed();
        }
    }
}
