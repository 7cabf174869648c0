namespace Mailbox.Redis;

/// <summary>This server cannot read what is in Redis.</summary>
internal sealed class UnreadableDataException(string message) : Exception(message);
