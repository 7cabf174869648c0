namespace Mailbox.Mailboxes;

/// <summary>Reads where a client begins, wherever it says so: a cursor, <see cref="Now"/>, or nothing for the oldest kept.</summary>
internal static class Beginning
{
    public const string Now = "now";

    /// <summary>False when it is none of them.</summary>
    public static bool TryParse(string? text, out StartAt start, out Cursor cursor)
    {
        cursor = default;
        start = text switch
        {
            null => StartAt.Oldest,
            Now => StartAt.Now,
            _ => StartAt.Cursor,
        };
        return start != StartAt.Cursor || Cursor.TryParse(text, out cursor);
    }
}
