namespace Mailbox.Bench.Measuring;

/// <summary>One measurement of one peer at one point of a case.</summary>
internal sealed record Sample(string Point, string Peer, int Round, IReadOnlyDictionary<Metric, double> Values, string? Fault);
