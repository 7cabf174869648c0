namespace Mailbox.IntegrationTests;

/// <summary>How long tests wait. A machine under load is slow; no test fails for that.</summary>
internal static class Patience
{
    /// <summary>For what must come. Shorter than the earliest sweep (15 s), which would hide a wake that was lost.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(14);

    /// <summary>For a process to start: no sweep begins before it has.</summary>
    public static readonly TimeSpan Start = TimeSpan.FromSeconds(60);

    /// <summary>For what must not come. Too short a time lets a fault pass unseen now and then, and never fails a good server.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(400);
}
