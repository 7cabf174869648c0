using System.Text;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

/// <summary>A mailbox's numbering for tests: place <c>n</c> has the check <c>0x100 + n</c>.</summary>
internal static class Sample
{
    public static Identifier Generation { get; } = new(0xA0A0);

    public static Identifier OtherGeneration { get; } = new(0xB0B0);

    public static Identifier Receiver { get; } = new(0xCCCC);

    public static Identifier Check(long sequence) => sequence == 0 ? default : new Identifier(0x100 + (ulong)sequence);

    public static Position Place(long sequence) => new(Generation, sequence, Check(sequence));

    public static Cursor CursorAt(long sequence) => new(Place(sequence), Receiver);

    public static Message Message(long sequence, string body = "hello") => new()
    {
        Id = new MessageId(Generation, sequence),
        Check = Check(sequence),
        Body = Encoding.UTF8.GetBytes(body),
    };

    public static Entry Entry(long sequence, EntryKind kind = EntryKind.Message) =>
        new(kind, Place(sequence), kind == EntryKind.Message ? Message(sequence) : null);
}
