namespace Mailbox.Access;

/// <summary>Whether a token holds cannot be told now.</summary>
internal sealed class AuthorityException(string message, Exception inner) : Exception(message, inner);
