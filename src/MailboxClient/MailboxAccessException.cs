namespace Mailbox.Client;

/// <summary>401 or 403: the caller may not do this. A 401 comes here only after a fresh token was refused, too; neither is retried.</summary>
public sealed class MailboxAccessException : MailboxException
{
    /// <param name="status">401 or 403.</param>
    /// <param name="problemType">The problem's <c>type</c>, when the server told one.</param>
    /// <param name="message">What was wrong, for a person.</param>
    /// <param name="innerException">What the connection said.</param>
    public MailboxAccessException(int status, string? problemType, string message, Exception? innerException = null)
        : base(status, problemType, message, innerException)
    {
    }
}
