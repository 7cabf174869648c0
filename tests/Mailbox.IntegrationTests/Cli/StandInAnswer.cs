namespace Mailbox.IntegrationTests.Cli;

/// <summary>What a <see cref="StandIn"/> answers.</summary>
internal sealed record StandInAnswer(int Status, string Body = "", string? RetryAfter = null);
