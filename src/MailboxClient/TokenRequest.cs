namespace Mailbox.Client;

/// <summary>What a token is asked for.</summary>
/// <param name="IsRefresh">Whether the last token was refused, so that one from a cache will not do.</param>
public readonly record struct TokenRequest(bool IsRefresh);
