namespace Mailbox.Client.Sending;

/// <summary>One message on its way to one mailbox.</summary>
internal record Outgoing(string Mailbox, ReadOnlyMemory<byte> Body, SendOptions Options, string Key);
