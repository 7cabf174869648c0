using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Mailbox.Mailboxes;

/// <summary>
/// Admits one receiver, or one watcher, to one mailbox: for an EventSource, which can send no header. Redis knows it by its
/// hash alone.
/// </summary>
/// <param name="Hash">32 hex digits of the SHA-256 of its text.</param>
/// <param name="Mailbox">Where it admits.</param>
/// <param name="IsShared">To watch only.</param>
/// <param name="Grant">Of the caller who asked for it, ended by the ticket's own end.</param>
/// <param name="Receiver">The receiver that opened with it; none before the first open.</param>
internal sealed record Ticket(string Hash, string Mailbox, bool IsShared, Grant Grant, Identifier Receiver = default)
{
    public const string Prefix = "mbt_";

    /// <summary>A new ticket's text: 256 random bits.</summary>
    public static string NewText() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Its first open, or one with a cursor that its receiver was given.</summary>
    public bool Admits(OpenOptions asked) =>
        IsShared == asked.IsShared && (Receiver.IsNone || (asked.Start == StartAt.Cursor && asked.Cursor.Receiver == Receiver));

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
}
