namespace Mailbox.Fuzz.Throwing;

/// <summary>The server did what it must not.</summary>
internal sealed class FindingException(string message) : Exception(message);
