using Mailbox.Fuzz.Inputs;

namespace Mailbox.Fuzz.Running;

/// <param name="Input">What was thrown; null when it may have been any of the latest.</param>
/// <param name="File">Where the input is kept.</param>
internal sealed record Finding(Input? Input, string What, string? File);
