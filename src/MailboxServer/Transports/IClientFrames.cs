namespace Mailbox.Transports;

/// <summary>What a client may say on its WebSocket, and what becomes of it.</summary>
internal interface IClientFrames
{
    /// <summary>For who said something else: at most 123 bytes, as the reason of a close is (RFC 6455 section 5.5.1).</summary>
    string Expected { get; }

    /// <summary>Null when it is nothing that a client may say.</summary>
    ClientFrame? Read(ReadOnlySpan<byte> frame);

    /// <summary>Does what it says. Nothing more is read meanwhile.</summary>
    ValueTask TakeAsync(ClientFrame frame, CancellationToken cancellation);
}
