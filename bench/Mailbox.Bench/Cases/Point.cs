namespace Mailbox.Bench.Cases;

/// <summary>One of the settings that a case is measured at, and its number: a rate, a count, a length.</summary>
internal sealed record Point(string Name, int Number = 0);
