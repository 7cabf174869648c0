using System.Diagnostics;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Load;

/// <summary>Delivers one message after the other to the same many mailboxes.</summary>
internal sealed class ManySender : Connection, HttpReader.ISink
{
    private readonly HttpReader _reader;
    private readonly Arrivals _arrivals;
    private readonly IReadOnlyList<ManyRequest> _requests;
    private readonly int _recipients;
    private Stamp _stamp;
    private int _next;
    private int _stored;
    private bool _mayGoOn;

    public ManySender(Loop loop, Peer peer, Arrivals arrivals, IReadOnlyList<string> mailboxes, int bodyLength)
        : base(loop, peer.Port)
    {
        _arrivals = arrivals;
        _reader = new HttpReader(this);
        _recipients = mailboxes.Count;
        _requests = [.. peer.DeliverMany(mailboxes, bodyLength)];
    }

    /// <summary>Messages begun, each of them to all mailboxes.</summary>
    public int Sent { get; private set; }

    public bool IsBusy { get; private set; }

    public void Start()
    {
        _mayGoOn = true;
        IsBusy = true;
        NextMessage();
    }

    public void Stop() => _mayGoOn = false;

    public void OnHead(int status, ReadOnlySpan<byte> head)
    {
        if (status is < 200 or > 202)
        {
            _arrivals.Break($"a delivery to many was answered with {status}");
        }
    }

    // A mailbox that no receiver reads shows only here whether its message was stored.
    public void OnBody(ReadOnlySpan<byte> bytes) => _stored += bytes.Count("\"queued\":true"u8);

    public void OnEnd()
    {
        if (_next < _requests.Count)
        {
            NextRequest();
            return;
        }

        // An answer in pieces may cut one of these in two.
        if (_stored > 0 && _stored < _recipients * 0.95)
        {
            _arrivals.Break($"of {_recipients} messages {_stored} were stored");
        }

        IsBusy = _mayGoOn;
        if (_mayGoOn)
        {
            NextMessage();
        }
    }

    protected override void OnReceived(ReadOnlySpan<byte> bytes) => _reader.Read(bytes);

    protected override void OnClosed() => _arrivals.Break("a sender's connection was closed");

    private void NextMessage()
    {
        _stamp = new Stamp(Stopwatch.GetTimestamp(), Stamp.Any, Sent++);
        _next = 0;
        _stored = 0;
        NextRequest();
    }

    private void NextRequest()
    {
        var request = _requests[_next++];
        _stamp.Write(request.Bytes.AsSpan(request.BodyAt, request.BodyLength));
        Send(request.Bytes);
    }
}
