namespace Mailbox.Client;

/// <summary>How a <see cref="MailboxSender"/> gathers messages.</summary>
public sealed record MailboxSenderOptions
{
    /// <summary>The most messages that wait; sending waits for room. 1 to 100,000, default 1000.</summary>
    public int Capacity { get; init; } = 1000;

    /// <summary>The most messages of one request: 1 to 10,000, default 200.</summary>
    public int BatchSize { get; init; } = 200;

    /// <summary>The most bytes of bodies in one request, default 1 MiB; a larger body goes alone. At most 4 MiB.</summary>
    public int BatchBytes { get; init; } = 1024 * 1024;

    /// <summary>How long the first message of a request waits for others. Default 5 ms, at most 1 minute; zero sends at once what is there.</summary>
    public TimeSpan BatchDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Capacity, 100_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchSize, 10_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchBytes, 4 * 1024 * 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchDelay, TimeSpan.FromMinutes(1));
    }
}
