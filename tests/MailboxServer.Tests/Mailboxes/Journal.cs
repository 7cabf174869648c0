namespace MailboxServer.Tests.Mailboxes;

/// <summary>What the fakes were asked, in order, by any number of sessions.</summary>
internal sealed class Journal
{
    private readonly Lock _gate = new();
    private readonly List<string> _entries = [];

    public IReadOnlyList<string> Entries
    {
        get
        {
            lock (_gate) return [.. _entries];
        }
    }

    public void Add(string entry)
    {
        lock (_gate) _entries.Add(entry);
    }
}
