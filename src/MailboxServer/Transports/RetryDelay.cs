namespace Mailbox.Transports;

/// <summary>When clients are told to come back: jittered, so that they do not come all at once.</summary>
internal static class RetryDelay
{
    /// <summary>After an ordinary end of the stream: 1 to 3 s.</summary>
    public static int Milliseconds() => Random.Shared.Next(1_000, 3_000);

    /// <summary>After a passing refusal: 2 to 6 s.</summary>
    public static int AfterRefusalMilliseconds() => Random.Shared.Next(2_000, 6_000);
}
