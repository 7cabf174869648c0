using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Actors;

/// <summary>What a producer does all day.</summary>
internal sealed record ProducerOptions
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> Mailboxes { get; init; }

    /// <summary>The pause after each delivery.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(15);

    /// <summary>Makes bodies this long.</summary>
    public int BodyBytes { get; init; }

    public int Seed { get; init; }

    /// <summary>How long it goes on trying with the same key.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(40);
}

/// <summary>
/// Delivers one message after the other, each with a payload that nobody else sends, to one mailbox or to several. With a key it tries until it knows;
/// without, an answer that does not come stays unknown.
/// </summary>
internal sealed class Producer(History history, Ledger ledger, IDoor door, ProducerOptions options)
{
    private static long _ops;

    private readonly Random _random = new(options.Seed);
    private long _count;

    /// <summary>A number for a delivery that nobody else has.</summary>
    public static long NextOp(int count = 1) => Interlocked.Add(ref _ops, count) - count;

    /// <summary>Until it is told to stop; what is under way then is brought to its end.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            await DeliverAsync(door.Everyone is { } everyone ? ForAllOf(everyone) : ForSome());
            await Task.Delay(options.Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await door.DisposeAsync();
    }

    private List<Parcel> ForSome() => [.. Enumerable.Range(0, door.AtOnce)
        .Select(_ => ParcelOf(NextPayload(), options.Mailboxes[_random.Next(options.Mailboxes.Count)])).DistinctBy(parcel => parcel.Mailbox)];

    private List<Parcel> ForAllOf(IReadOnlyList<string> mailboxes)
    {
        var payload = NextPayload();
        return [.. mailboxes.Select(mailbox => ParcelOf(payload, mailbox))];
    }

    private string NextPayload() => $"{options.Name}:{_count++}";

    private Parcel ParcelOf(string payload, string mailbox) =>
        new(mailbox, payload, Payloads.Fill(payload, options.BodyBytes), door.TakesKeys ? payload : null);

    private async Task DeliverAsync(List<Parcel> parcels)
    {
        var first = NextOp(parcels.Count);
        for (var i = 0; i < parcels.Count; i++)
        {
            history.Add(new DeliverBegan(
                first + i, options.Name, parcels[i].Mailbox, parcels[i].Payload, door.Name, door.TakesKeys));
        }

        var answers = await AttemptAsync(parcels);
        for (var i = 0; i < parcels.Count; i++)
        {
            var answer = answers[i];
            history.Add(new DeliverEnded(first + i, answer.Outcome, answer.Id, answer.Detail));
            if (answer.Outcome == DeliverOutcome.Accepted)
            {
                ledger.WasAccepted(parcels[i].Mailbox, parcels[i].Payload);
            }
        }
    }

    private async Task<Answer[]> AttemptAsync(List<Parcel> parcels)
    {
        var until = Environment.TickCount64 + (long)options.Patience.TotalMilliseconds;
        var wasUnknown = new bool[parcels.Count];
        while (true)
        {
            var answers = await OnceAsync(parcels);
            var isOver = !door.TakesKeys || Environment.TickCount64 > until ||
                Array.TrueForAll(answers, answer => answer.Outcome != DeliverOutcome.Unknown);
            for (var i = 0; i < answers.Length; i++)
            {
                // A refusal now says nothing of an attempt before whose answer was lost.
                wasUnknown[i] |= answers[i].Outcome == DeliverOutcome.Unknown;
                answers[i] = wasUnknown[i] && answers[i].Outcome == DeliverOutcome.Refused
                    ? answers[i] with { Outcome = DeliverOutcome.Unknown }
                    : answers[i];
            }

            if (isOver)
            {
                return answers;
            }

            await Task.Delay(_random.Next(50, 250));
        }
    }

    private async Task<Answer[]> OnceAsync(List<Parcel> parcels)
    {
        try
        {
            return await door.DeliverAsync(parcels, CancellationToken.None);
        }
        catch (Exception exception) when (exception is not (FormatException or InvalidOperationException))
        {
            return [.. parcels.Select(_ => new Answer(DeliverOutcome.Unknown, null, exception.GetType().Name))];
        }
    }
}
