namespace Mailbox.Client;

/// <summary>A call was refused, or nobody answered it.</summary>
public class MailboxException : Exception
{
    /// <param name="status">The HTTP status; 0 when nobody answered.</param>
    /// <param name="problemType">The problem's stable <c>type</c> (RFC 9457), when the server told one.</param>
    /// <param name="message">What was wrong, for a person.</param>
    /// <param name="innerException">What the connection said.</param>
    public MailboxException(int status, string? problemType, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Status = status;
        ProblemType = problemType;
    }

    /// <summary>The HTTP status; 0 when nobody answered.</summary>
    public int Status { get; }

    /// <summary>One of <see cref="Contracts.ProblemTypes"/>, or null when it was not the server who answered.</summary>
    public string? ProblemType { get; }

    /// <summary>The problem's <c>title</c>, if the server told one.</summary>
    public string? Title { get; init; }

    /// <summary>The problem's <c>detail</c>, if the server told one.</summary>
    public string? Detail { get; init; }

    /// <summary>
    /// Which mailbox was refused, where one of several was. Not in the message: it may be a person's name, and messages are
    /// logged.
    /// </summary>
    public string? Mailbox { get; init; }

    /// <summary>When to try again, if the server said so.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Whether the same call may succeed later: nobody answered, or 408, 429, 500, 502, 503, 504. What a delivery that ended
    /// so has done is unknown; repeat it with the same <see cref="SendOptions.IdempotencyKey"/>.
    /// </summary>
    public bool IsTransient => IsPassing(Status);

    internal static bool IsPassing(int status) => status is 0 or 408 or 429 or 500 or 502 or 503 or 504;
}
