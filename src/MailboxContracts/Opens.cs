namespace Mailbox.Contracts;

/// <summary>Mailboxes to open on one connection: more than a URL can name, or places that no header can carry.</summary>
/// <param name="Mailboxes">1 to 1,000 names, each once; the caller may open each.</param>
/// <param name="After">
/// Where each begins, by its name: the last cursor that came of it, or <c>now</c>. From the oldest kept where it is not named. All cursors are of
/// one receiver.
/// </param>
/// <param name="Receiver">16 hex digits: who it is to be. Default: whose the cursors are, else a new one.</param>
public sealed record OpenListRequest(
    IReadOnlyList<string> Mailboxes, IReadOnlyDictionary<string, string>? After = null, string? Receiver = null);

/// <summary>A list that is kept until it is opened, once.</summary>
/// <param name="Id">Names it. It is no key: whoever opens it needs the right to every mailbox.</param>
/// <param name="Receiver">Who opens it; to be given again with the next list.</param>
/// <param name="Location">The path to open.</param>
/// <param name="OpenBefore">When the open must have come.</param>
public sealed record OpenListAnswer(string Id, string Receiver, string Location, DateTimeOffset OpenBefore);
