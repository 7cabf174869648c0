namespace Mailbox.Contracts;

/// <summary>
/// The rule for names of mailboxes: <c>[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}</c>. Every such name is a URL path segment
/// without escapes and a Redis hash tag without braces. Names that begin with <c>~</c> are the system's own.
/// </summary>
public static class MailboxName
{
    /// <summary>The rule as a regular expression.</summary>
    public const string Pattern = "[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}";

    /// <summary>The most characters a name has.</summary>
    public const int MaxLength = 128;

    /// <summary>Whether <paramref name="name"/> is a name that a mailbox can have, the system's own included.</summary>
    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxLength || name[0] == '.')
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '~' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether <paramref name="name"/> is one of the system's own, which begin with <c>~</c>.</summary>
    public static bool IsSystem(ReadOnlySpan<char> name) => name.Length > 0 && name[0] == '~';
}
