using Mailbox.Contracts;

namespace Mailbox.Access;

/// <summary>What a caller may do with a mailbox.</summary>
internal enum Scope
{
    /// <summary>Open it, acknowledge, look at what is in it.</summary>
    Open,

    /// <summary>Deliver into it, and take back.</summary>
    Deliver,

    /// <summary>Create, remove, close its receiver, list; and all of the others.</summary>
    Admin,
}

/// <summary>
/// Which mailboxes a caller may use for what. A pattern is a mailbox's name, or the beginning of names and a <c>*</c>; it
/// never reaches the system's own names unless it begins with <c>~</c> itself. <c>group:</c> before it makes it one of groups,
/// and <c>*</c> alone is every mailbox and every group. What is no pattern gives nothing.
/// </summary>
internal sealed class Rights
{
    private static readonly string[] Names = ["mailbox.open", "mailbox.deliver", "mailbox.admin"];

    /// <summary>No mailbox's name has a colon.</summary>
    public const string Group = "group:";

    private readonly List<string>[] _patterns = [[], [], []];

    public static Rights None { get; } = new();

    public static Rights All { get; } = Of(("mailbox.admin", "* ~*"));

    /// <param name="grants">Pairs of a scope's name and patterns, separated by spaces. Other names are passed over.</param>
    public static Rights Of(params IEnumerable<(string Scope, string Patterns)> grants)
    {
        var rights = new Rights();
        foreach (var (scope, patterns) in grants)
        {
            if (Array.IndexOf(Names, scope) is >= 0 and var index)
            {
                rights._patterns[index].AddRange(patterns.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(IsPattern));
            }
        }

        return rights;
    }

    /// <summary>Splits <c>mailbox.open:user-42.*</c>, as it stands in a <c>scope</c> claim (RFC 8693 section 4.2) and with API keys.</summary>
    public static (string Scope, string Pattern) Split(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
    }

    /// <summary>Whether this is a scope with a pattern: what stands in the configuration should mean something.</summary>
    public static bool IsGrant(string text) => Split(text) is var (scope, pattern) && Names.Contains(scope) && IsPattern(pattern);

    /// <summary>All of them, as a <c>scope</c> claim holds them (RFC 8693 section 4.2).</summary>
    public string ToScope() => string.Join(' ', Names.Zip(_patterns, (name, patterns) => patterns.Select(pattern => $"{name}:{pattern}")).SelectMany(all => all));

    public bool May(Scope scope, string mailbox) => Covers(scope, mailbox) || (scope != Scope.Admin && Covers(Scope.Admin, mailbox));

    public bool MayGroup(Scope scope, string group) => May(scope, Group + group);

    /// <summary>Whether every name that begins so is the caller's to administer. Mailboxes that begin with <c>g</c> are no groups.</summary>
    public bool MayList(string prefix) => _patterns[(int)Scope.Admin].Exists(pattern =>
        (pattern == "*" || IsOfGroups(pattern) == IsOfGroups(prefix)) &&
        pattern is [.. var beginning, '*'] && prefix.StartsWith(beginning, StringComparison.Ordinal));

    private static bool IsPattern(string text)
    {
        var name = text.StartsWith(Group, StringComparison.Ordinal) ? text[Group.Length..] : text;
        return name == "*" || MailboxName.IsValid(name is [.. var beginning, '*'] ? beginning : name);
    }

    private bool Covers(Scope scope, string mailbox) => _patterns[(int)scope].Exists(pattern => Matches(pattern, mailbox));

    /// <summary>The beginning of mailboxes' names, <c>g*</c>, begins no group's.</summary>
    private static bool Matches(string pattern, string mailbox) =>
        (pattern == "*" || IsOfGroups(pattern) == IsOfGroups(mailbox)) &&
        (pattern is [.. var beginning, '*']
            ? mailbox.StartsWith(beginning, StringComparison.Ordinal) && (beginning.Length > 0 || !MailboxName.IsSystem(mailbox))
            : string.Equals(pattern, mailbox, StringComparison.Ordinal));

    private static bool IsOfGroups(string text) => text.StartsWith(Group, StringComparison.Ordinal);
}
