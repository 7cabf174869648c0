namespace Mailbox.Faults.Running;

/// <summary>Who delivers and who receives while a fault strikes.</summary>
internal sealed record LoadPlan
{
    /// <summary>How often every kind of client (each transport, acknowledging and not) stands in the run.</summary>
    public int ClientsOfEachKind { get; init; } = 2;

    /// <summary>How often the .NET client stands in the run, by each of its transports.</summary>
    public int SdkClientsOfEachKind { get; init; } = 1;

    /// <summary>Of the clients, every how-manieth leaves now and then; 0 for none.</summary>
    public int AbsentEvery { get; init; } = 4;

    /// <summary>Mailboxes that two clients fight for.</summary>
    public int Contested { get; init; }

    /// <summary>More streams, server-sent events without acknowledgement, that are just there.</summary>
    public int Idle { get; init; }

    /// <summary>Clients that take their time over each message.</summary>
    public int Slow { get; init; }

    public TimeSpan SlowDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>After this long without a sign of life a client takes its connection for broken.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long each producer rests after a delivery.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(20);

    public int BodyBytes { get; init; }

    /// <summary>Producers that deliver to a group, whose members are all mailboxes.</summary>
    public int ByGroup { get; init; } = 1;

    /// <summary>Producers whose messages are the answers of a backend behind a route, for a few mailboxes each.</summary>
    public int ByAnswer { get; init; } = 1;

    /// <summary>False when only the nemesis delivers: then nothing but what it proves finds a message.</summary>
    public bool HasProducers { get; init; } = true;
}
