using System.Globalization;
using System.Text;
using Mailbox;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>Entries as the contract writes them, made and read without the server's code.</summary>
internal static class Entries
{
    public static byte[] Envelope(string header, string body) => Encoding.UTF8.GetBytes($"\u0001{header}\n{body}");

    /// <summary>An envelope that ends at a moment of Redis's clock.</summary>
    public static byte[] Expiring(long time, long expires, string body) => Envelope(
        string.Create(CultureInfo.InvariantCulture, $"{{\"nonce\":\"{Identifier.Random()}\",\"time\":{time},\"expires\":{expires}}}"),
        body);

    public static bool IsTombstone(byte[] entry) =>
        entry.Length > 40 && entry[0] == 1 && Encoding.Latin1.GetString(entry, 27, 13) == "\",\"removed\":\"";

    /// <summary>What an entry counts towards <c>maxBytes</c>.</summary>
    public static long WeightOf(byte[] entry) =>
        IsTombstone(entry) || entry.Length > new MailboxOptions().MaxEntryBytes ? 0 : entry.Length;

    /// <summary>The body, without its envelope.</summary>
    public static string BodyOf(byte[] entry) =>
        entry is [1, ..] ? Encoding.UTF8.GetString(entry.AsSpan(entry.IndexOf((byte)'\n') + 1)) : Encoding.UTF8.GetString(entry);

    private static int IndexOf(this byte[] entry, byte value) => Array.IndexOf(entry, value);
}
