using System.Text;

namespace Mailbox.Mailboxes;

/// <summary>
/// An exception as it may be logged: what it is and where, without its message, which may hold what a request or an entry
/// brought: a name, a body, a token.
/// </summary>
internal static class FailureText
{
    public static string Of(Exception exception)
    {
        var text = new StringBuilder();
        for (var one = exception; one is not null; one = one.InnerException)
        {
            text.Append(text.Length > 0 ? "\n--- caused by " : "").Append(one.GetType().FullName).Append('\n').Append(one.StackTrace);
        }

        return text.ToString();
    }
}
