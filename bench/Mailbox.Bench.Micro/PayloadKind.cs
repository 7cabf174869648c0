namespace Mailbox.Bench.Micro;

public enum PayloadKind
{
    Text200B,
    Json1KiB,
    Binary16KiB,
}
