namespace Mailbox.Cli;

/// <summary>Byte 0x01 begins an envelope.</summary>
internal sealed class BareBodyException() : Exception("A bare body must not begin with byte 0x01: deliver it without --bare.");
