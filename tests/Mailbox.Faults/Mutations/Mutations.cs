namespace Mailbox.Faults.Mutations;

/// <summary>The mistakes that others made, or that are easily made here.</summary>
internal static class Mutations
{
    private const string Session = "Mailboxes/Session.cs";

    public static IReadOnlyList<Mutation> All { get; } =
    [
        new(
            "skip-retake",
            "wakes are back, and nobody looks for what came meanwhile",
            ["wake-lost"],
            new Change("NodeService.cs", "        connection.Recovered += sessions.WakeAll;\n        wakes.Restored += sessions.WakeAll;\n", "")),
        new(
            "take-before-subscribe",
            "a session reads first and listens a moment later",
            ["open-race"],
            new Change(
                Session,
                "session._subscription = await wakes.SubscribeAsync(\n                mailbox, session.Wake, cancellation);",
                "session._subscribeLater = () => wakes.SubscribeAsync(mailbox, session.Wake, default);"),
            new Change(
                Session,
                "    private IAsyncDisposable? _subscription;\n",
                "    private IAsyncDisposable? _subscription;\n    private Func<ValueTask<IAsyncDisposable>>? _subscribeLater;\n"),
            new Change(
                Session,
                "        _timer.Took();\n",
                """
                        _timer.Took();
                        if (_subscribeLater is { } subscribe)
                        {
                            _subscribeLater = null;
                            await Task.Delay(500, CancellationToken.None);
                            _subscription = await subscribe();
                        }

                """)),
        new(
            "ack-without-fence",
            "whoever was the receiver may still acknowledge",
            ["fight"],
            new Change("Redis/Scripts/ack.lua", "if s.receiver ~= receiver then return 'receiver' end\n", "")),
        new(
            "unverified-take",
            "a live stream is believed where it stands",
            ["rollback", "failover-lagging"],
            new Change("Redis/Scripts/take.lua", "local reset = find_place(s, generation, sequence, check, shared)", "local reset = ''")),
        new(
            "no-sweep-no-canary",
            "nothing looks for what no wake announced",
            ["producer-dies"],
            new Change("Mailboxes/SessionTimer.cs", "public void Took() => Volatile.Write(ref _takeDue, Now + Jitter(_clock.Sweep));", "public void Took() => Volatile.Write(ref _takeDue, long.MaxValue);"),
            new Change("Redis/RedisWakeSource.cs", "        _watching ??= WatchAsync();\n", "")),
        new(
            "sent-written-late",
            "what was sent is written down with the next take",
            ["client-reset", "node-kill"],
            new Change("Redis/Scripts/take.lua", "if not shared and upto > s.sent then s.sent = upto end", "if not shared and sequence > s.sent then s.sent = sequence end")),
        new(
            "group-without-keys",
            "a node that goes on with a group's delivery does not say that it is the same one",
            ["group-lease"],
            new Change("Redis/GroupEntry.cs", "                    IdempotencyKey = \"~group:\" + (TextOf(\"key\") is { } key ? HashOf(group, key) : TextOf(\"nonce\")),\n", "")),
    ];
}
