using System.Text;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store.StateMachine;

/// <summary>Runs one scenario against Redis, and the model beside it.</summary>
internal sealed class ScenarioRun(
    TestMailbox mailbox, QuarantineWatch quarantines, int maxMessages, int resumeLength, bool dropsOldest, bool hasFaults)
{
    private readonly MailboxModel _model = new(maxMessages, resumeLength, dropsOldest);
    private readonly List<Seat> _seats = [];
    private readonly StringBuilder _history = new();
    private List<(string Key, byte[]? Dump, long End)>? _snapshot;
    private int _letters;

    private Observation Now => _model.Now;

    /// <exception cref="InvalidOperationException">A promise was broken; the message is the history up to it.</exception>
    public async Task RunAsync(IReadOnlyList<ScenarioStep> steps)
    {
        try
        {
            quarantines.Mailbox = mailbox;
            _model.Rebase(await Observation.OfAsync(mailbox));
            foreach (var step in steps)
            {
                _history.Append(step);
                await TakeStepAsync(step);
                _history.Append(" -> ").Append(Now).AppendLine();
            }

            await ShouldDrainAsync();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{exception.Message}\n{_history}\nbefore: {Now}", exception);
        }
    }

    private Task TakeStepAsync(ScenarioStep step) => step switch
    {
        { Act: Act.Deliver } => DeliverAsync(step, byFunction: false),
        { Act: Act.Function } => DeliverAsync(step, byFunction: true),
        { Act: Act.Bare } => PushAsync([Bare()]),
        { Act: Act.BareBurst } => PushAsync([.. Enumerable.Range(0, 1 + (step.A % (3 * maxMessages))).Select(_ => Bare())]),
        { Act: Act.BareShortLived } => PushAsync([ShortLived(5 + (step.A % 40))]),
        { Act: Act.BareMalformed } => PushAsync([Malformed()]),
        { Act: Act.BareOversize } => PushAsync([Oversize()]),
        { Act: Act.Take } => SeatAt(step.A, mayHaveLeft: false) is { } seat ? TakeAsync(seat, 1 + (step.B % 6)) : Task.CompletedTask,
        { Act: Act.Ack } => SeatAt(step.A, mayHaveLeft: true) is { } seat ? AckAsync(seat, seat.PlaceAt(step.B)) : Task.CompletedTask,
        { Act: Act.AckBeyond } => SeatAt(step.A, mayHaveLeft: true) is { } seat ? AckAsync(seat, Beyond(seat, step.B)) : Task.CompletedTask,
        { Act: Act.Open } => OpenAsync(StartAt.Oldest, AckOf(step), WindowOf(step), isShared: false),
        { Act: Act.OpenNow } => OpenAsync(StartAt.Now, AckOf(step), WindowOf(step), isShared: false),
        { Act: Act.OpenShared } => OpenAsync(step.A % 2 == 0 ? StartAt.Oldest : StartAt.Now, AckMode.None, 0, isShared: true),
        { Act: Act.Resume } => SeatAt(step.A, mayHaveLeft: true) is { } seat ? ResumeAsync(seat, step) : Task.CompletedTask,
        { Act: Act.Leave } => SeatAt(step.A, mayHaveLeft: false) is { Receiver.IsShared: false } seat ? LeaveAsync(seat, step.B % 2 == 0) : Task.CompletedTask,
        { Act: Act.Dismiss } => DismissAsync(),
        { Act: Act.TakeBack } => TakeBackAsync(step.A),
        { Act: Act.Peek } => PeekAsync(step.A),
        { Act: Act.Info } => InfoAsync(),
        { Act: Act.Pause } => PauseAsync(step.A % 4 == 0 ? 120 : 15),
        { Act: Act.Remove } => RemoveAsync(),
        { Act: Act.Snapshot } when hasFaults => SnapshotAsync(),
        _ when hasFaults => FailAsync(step),
        _ => Task.CompletedTask,
    };

    private async Task DeliverAsync(ScenarioStep step, bool byFunction)
    {
        var topic = step.A % 4 == 0 ? $"t{step.B % 2}" : null;
        var key = step.A % 7 == 0 ? $"k{step.B % 3}" : null;
        var known = key is null ? null : _model.Keys.GetValueOrDefault(key);
        var letter = _model.Write(new Letter(Next(), topic));
        var body = known is not null && step.B % 2 == 0 ? known.Body : letter.Payload;
        var (outcome, id, isConnected) = byFunction
            ? await DeliverByFunctionAsync(body, topic, key)
            : await DeliverByStoreAsync(body, topic, key, ttl: step.B % 5 == 0 ? 3600 : null);
        Say($" {body} topic {topic} key {key} {outcome} {id}");
        isConnected.ShouldBe(_model.Grant.IsPresent && Now.HasHash);
        if (known is not null)
        {
            outcome.ShouldBe(body == known.Body ? DeliveryOutcome.Replayed : DeliveryOutcome.Conflict);
            if (outcome == DeliveryOutcome.Replayed)
            {
                id.ShouldBe(known.Id);
            }

            await FollowAsync(new Effect());
            return;
        }

        var before = Now;
        var replaced = _model.ReplacedBy(topic);
        var after = await Observation.OfAsync(mailbox);
        var (least, most) = _model.CountUnflushed(after.Now);
        var room = maxMessages - 1 + (replaced is null ? 0 : 1);
        outcome.ShouldBeOneOf(DeliveryOutcome.Stored, DeliveryOutcome.Full);
        if (dropsOldest)
        {
            outcome.ShouldBe(DeliveryOutcome.Stored);
        }
        else if (least > room && replaced is null && before.Entries.Length <= 2 * maxMessages)
        {
            outcome.ShouldBe(DeliveryOutcome.Full);
        }
        else if (most <= room && before.TombstonesInList + most - least <= maxMessages && before.Live.Count <= maxMessages)
        {
            outcome.ShouldBe(DeliveryOutcome.Stored);
        }

        var isStored = outcome == DeliveryOutcome.Stored;
        _model.Follow(
            new Effect
            {
                Saves = true,
                Delivers = true,
                Added = isStored ? [letter.Payload] : [],
                Topic = isStored ? topic : null,

                // The wake may have carried it, to a receiver that had taken everything.
                MaySend = isStored && _model.Grant.IsPresent && after.Sent == after.Last && before.Sent == after.Last - 1,
            },
            after);
        if (isStored)
        {
            id.Generation.ToString().ShouldBe(Now.Generation);
            Now.PayloadAt(id.Sequence).ShouldBe(letter.Payload, "the id names another message");
            _model.Remember(topic, letter.Payload);
            if (replaced is not null)
            {
                Now.Payloads.ShouldNotContain(replaced, "the topic's older message is still there");
            }

            if (key is not null)
            {
                _model.Keys[key] = new Remembered(letter.Payload, id);
            }
        }
    }

    private async Task<(DeliveryOutcome, MessageId, bool)> DeliverByStoreAsync(string body, string? topic, string? key, long? ttl)
    {
        var delivered = await mailbox.DeliverAsync(body, topic, ttl, key);
        return (delivered.Outcome, delivered.Id, delivered.Connected);
    }

    private async Task<(DeliveryOutcome, MessageId, bool)> DeliverByFunctionAsync(string body, string? topic, string? key)
    {
        string[] options = [.. topic is null ? [] : new[] { "topic", topic }, .. key is null ? [] : new[] { "idempotencyKey", key }];
        var reply = await mailbox.FunctionAsync(body, options);
        var outcome = Enum.Parse<DeliveryOutcome>(reply[0], ignoreCase: true);
        return (outcome, outcome is DeliveryOutcome.Stored or DeliveryOutcome.Replayed ? TestMailbox.IdOf(reply) : default, reply[3] == "1");
    }

    private async Task PushAsync(byte[][] entries)
    {
        await mailbox.Cli.ExecuteManyAsync(
        [
            ["MULTI"], ["RPUSH", mailbox.List, .. entries], ["EXPIRE", mailbox.List, 600, "NX"], ["PUBLISH", mailbox.Wake, "1"], ["EXEC"],
        ]);
        await FollowAsync(new Effect { Added = [.. entries.Select(entry => Payload.Of(entry)!)] });
    }

    private async Task TakeAsync(Seat seat, int most)
    {
        var (receiver, place, before) = (seat.Receiver, seat.Receiver.Position, Now);
        var looks = place.Sequence >= Now.First + Now.Entries.Length - 1;
        var mustReset = _model.MustReset(seat, place, receiver.IsShared, looks);
        var mustCarry = _model.MustCarry(seat, place, looks);
        var taken = await receiver.TakeAsync(most);
        Say($" {seat}: {taken.Outcome} reset {taken.Reset} gap {taken.Gap} [{Describe(taken)}]");
        taken.Outcome.ShouldBe(ExpectedOutcome(receiver));
        switch (taken.Outcome)
        {
            case TakeOutcome.Reopen:
                await FollowAsync(new Effect());
                await ReopenAsync(seat, place);
                return;
            case TakeOutcome.Replaced:
                taken.PresentReceiver.ShouldBe(_model.Grant.Receiver);
                await FollowAsync(new Effect());
                return;
        }

        ShouldReset(mustReset, mustCarry, taken.Reset);
        var tellsFlush = !receiver.IsShared && seat.AcksItself && !taken.IsLost;
        var malformed = taken.Entries.Where(entry => entry is { Kind: EntryKind.Malformed, IsStored: true }).ToArray();
        Observation[] seen = [.. quarantines.TakeSeen(), await Observation.OfAsync(mailbox)];
        seen.Length.ShouldBe(malformed.Length + 1);
        var effect = new Effect
        {
            Saves = true,
            Takes = true,
            MaySend = !receiver.IsShared,
            FlushedThrough = tellsFlush ? place.Sequence : 0,
            MayRename = mustReset != false,
        };
        _model.Follow(effect, seen[0]);
        _model.Grant = receiver.IsShared ? _model.Grant : _model.Grant with { IsPresent = !_model.IsElsewhere };
        taken.Position.Generation.ToString().ShouldBe(Now.Generation);

        if (!taken.IsLost)
        {
            seat.Carry(place, taken.Position);
            ShouldAnnounce(taken.Gap, place.Sequence, taken.Position.Sequence);
        }

        ShouldBeTheNext(seat, taken, before);
        ShouldNotStall(seat, taken);
        foreach (var (entry, after) in malformed.Zip(seen.Skip(1)))
        {
            ShouldQuarantine(entry.Position.Sequence, after);
        }
    }

    /// <summary>By its number: one that the quarantine before it dropped, or appended again, is left to the next take.</summary>
    private void ShouldQuarantine(long sequence, Observation after)
    {
        var isThere = Now.PayloadAt(sequence) is not null;
        _model.Follow(new Effect { Saves = isThere, Quarantined = sequence }, after);
        Now.PayloadAt(sequence).ShouldBeNull("what is no message is still there");
    }

    private TakeOutcome ExpectedOutcome(TestReceiver receiver)
    {
        var (mine, current) = (receiver.Fence, _model.Grant);
        return receiver.IsShared ? TakeOutcome.Taken
            : current.Epoch < mine.Epoch ? TakeOutcome.Reopen
            : current.Epoch == mine.Epoch && current.Owner == mine.Owner ? TakeOutcome.Taken
            : TakeOutcome.Replaced;
    }

    /// <summary>Redis lost this session's epoch: it goes on one above, and nothing is acknowledged by that.</summary>
    private async Task ReopenAsync(Seat seat, Position place)
    {
        var receiver = seat.Receiver;
        var mustReset = _model.MustReset(seat, place, isShared: false);
        var mustCarry = _model.MustCarry(seat, place, looks: true);
        var epoch = receiver.Fence.Epoch;
        var opened = await receiver.ReopenAsync();
        Say($" reopened {opened}");
        opened.IsRefused.ShouldBeFalse();
        opened.Epoch.ShouldBe(epoch + 1);
        ShouldReset(mustReset, mustCarry, opened.Reset);
        _model.Grant = new Grant(opened.Epoch, receiver.Fence.Owner, receiver.Receiver, IsPresent: true);
        var isCarried = opened.Reset == ResetReasons.Failover;
        await FollowAsync(new Effect { Saves = true, MaySend = isCarried, MayRename = mustReset != false });
        if (!opened.IsLost)
        {
            seat.Carry(place, opened.Position);
            ShouldAnnounce(opened.Gap, place.Sequence, opened.Position.Sequence);
        }

        seat.Places.Add(opened.Position);
    }

    /// <summary>Contiguous from the place on, each what the list holds there, and never what it was not before (G3, G4).</summary>
    private void ShouldBeTheNext(Seat seat, Taken taken, Observation before)
    {
        seat.Places.Add(taken.Position);
        var next = taken.Position.Sequence;
        foreach (var entry in taken.Entries)
        {
            entry.Position.Sequence.ShouldBe(++next);
            entry.Position.Generation.ShouldBe(taken.Position.Generation);
            var there = Now.PayloadAt(next);
            if (entry.Kind == EntryKind.Removed)
            {
                (there is null || _model.Letters[there].Expires <= Now.Now).ShouldBeTrue($"{there} was passed over");
                continue;
            }

            seat.Places.Add(entry.Position);
            if (entry.Kind == EntryKind.Malformed)
            {
                (there is null || _model.Letters[there].IsMalformed).ShouldBeTrue($"{there} was called malformed");
                continue;
            }

            var payload = TestReceiver.BodyOf(entry.Message!);
            payload.ShouldBe(there);
            _model.Letters[payload].Expires.ShouldBeGreaterThan(before.Now, $"{payload} had expired");
            var name = (entry.Position.Generation, next);
            seat.Seen.GetValueOrDefault(name, payload).ShouldBe(payload, $"{name} was another message for this receiver");
            seat.Seen[name] = payload;
        }

        if (!seat.Receiver.IsShared)
        {
            Now.Sent.ShouldBeGreaterThanOrEqualTo(next, "sent is behind what was returned");
        }

        (taken.TakeAgain || !Now.HasEntryAt(next + 1)).ShouldBeTrue("there is more, and nobody says so");
    }

    /// <summary>Never more than the window in flight; and as long as it is not full, what is there comes (G6).</summary>
    private void ShouldNotStall(Seat seat, Taken taken)
    {
        var receiver = seat.Receiver;
        var isBounded = receiver is { IsShared: false, Ack: AckMode.Client };
        var inFlight = Now.Live.Count(one => one.Sequence > receiver.Began && one.Sequence <= receiver.Position.Sequence);
        if (isBounded && taken.Entries.Count > 0)
        {
            inFlight.ShouldBeLessThanOrEqualTo(receiver.Window, "more than the window is in flight");
        }

        if (taken.Entries.Count == 0 && Now.HasEntryAt(receiver.Position.Sequence + 1))
        {
            (isBounded && inFlight >= receiver.Window).ShouldBeTrue("there is something to take, and it stalls");
        }
    }

    private async Task AckAsync(Seat seat, Position place)
    {
        var before = Now;
        var isCarried = _model.IsElsewhere || place.Generation.ToString() != before.Generation; // its take may have been lost
        var isReceiver = before.HasHash && seat.Receiver.Receiver == _model.Grant.Receiver;
        var isCurrent = !_model.MustRename && _model.Names(place.Generation.ToString(), place.Sequence);
        var outcome = await mailbox.AckAsync(seat.Receiver.CursorAt(place));
        Say($" {seat} {place.Sequence}: {outcome}");
        switch (outcome)
        {
            case AckOutcome.NotReceiver:
                isReceiver.ShouldBeFalse();
                break;
            case AckOutcome.Stale:
                isReceiver.ShouldBeTrue();
                var isInvented = isCarried && !seat.Places.Contains(place); // in the same generation it is called beyond
                (!isCurrent || _model.HasFailedOver || isInvented).ShouldBeTrue("a good place was called stale");
                break;
            case AckOutcome.BeyondSent:
                isReceiver.ShouldBeTrue();
                place.Sequence.ShouldBeGreaterThan(Math.Max(before.Sent, before.First - 1));
                break;
            case AckOutcome.Acked:
                isReceiver.ShouldBeTrue("an ack of someone else was taken");
                isCurrent.ShouldBeTrue("an ack of another generation was taken");
                // So much was pushed that the limit has dropped it, or it left before: there was nothing to write.
                var isGone = place.Sequence < before.First || before.Entries.Length > 2 * maxMessages;
                (isGone || isCarried || place.Sequence <= before.Sent).ShouldBeTrue("an ack beyond sent was taken");
                if (seat.Seen.GetValueOrDefault((place.Generation, place.Sequence)) is { } seen && before.PayloadAt(place.Sequence) is { } there)
                {
                    there.ShouldBe(seen, "an ack removed what its receiver has not seen");
                }

                await FollowAsync(new Effect
                {
                    Saves = !isGone && (isCarried || place.Sequence <= before.Sent),
                    MaySend = isCarried,
                    AcknowledgedThrough = place.Sequence,
                    FlushedThrough = isGone ? 0 : place.Sequence,
                });
                Now.Live.ShouldAllBe(one => isGone || one.Sequence > place.Sequence);
                return;
        }

        if (isReceiver && isCurrent && !_model.HasFailedOver && place.Sequence <= before.Sent)
        {
            outcome.ShouldBe(AckOutcome.Acked);
        }

        await FollowAsync(new Effect());
    }

    private async Task<Seat> OpenAsync(StartAt start, AckMode ack, int window, bool isShared)
    {
        var before = Now;
        var isWhole = before.HasHash && !_model.MustRename;
        var receiver = await mailbox.OpenAsync(start, ack, window, isShared);
        var opened = receiver.Opened;
        Say($" {start} {opened}");
        (opened.IsRefused, opened.IsLost).ShouldBe((false, false));
        GrantTo(receiver);
        await FollowAsync(new Effect { Saves = true, MaySend = !isShared });
        if (start == StartAt.Now)
        {
            opened.Position.Sequence.ShouldBe(Now.Last);
        }
        else
        {
            opened.Position.Sequence.ShouldBe(Now.First - 1);
            var dropped = isWhole && !isShared ? _model.DroppedUnread(Now.Generation, before.Sent, Now.First - 1) : [];
            dropped.ShouldAllBe(sequence => opened.Gap != null && opened.Gap.Value.From <= sequence && sequence <= opened.Gap.Value.To);
        }

        return AddSeat(receiver);
    }

    private async Task ResumeAsync(Seat earlier, ScenarioStep step)
    {
        var place = earlier.PlaceAt(step.B);
        var isShared = earlier.Receiver.IsShared && step.B % 5 != 0;
        var ack = isShared ? AckMode.None : earlier.Receiver.IsShared ? AckOf(step) : earlier.Receiver.Ack;
        var (mustReset, mustCarry) = (_model.MustReset(earlier, place, isShared), _model.MustCarry(earlier, place, looks: true));
        var mustRefuse = !isShared && _model.Grant.IsPresent && _model.Grant.Receiver != earlier.Receiver.Receiver;
        var receiver = await mailbox.OpenAsync(
            ack: ack, window: WindowOf(step), shared: isShared, cursor: earlier.Receiver.CursorAt(place));
        var opened = receiver.Opened;
        Say($" {earlier} from {place.Sequence} {opened}");
        opened.IsRefused.ShouldBe(mustRefuse);
        if (mustRefuse)
        {
            await FollowAsync(new Effect());
            return;
        }

        ShouldReset(mustReset, mustCarry, opened.Reset);
        GrantTo(receiver);
        var isReceived = !isShared && !opened.IsLost;
        await FollowAsync(new Effect
        {
            Saves = true,
            AcknowledgedThrough = isReceived && ack == AckMode.Client ? place.Sequence : 0,
            FlushedThrough = isReceived ? place.Sequence : 0,
            MaySend = !isShared && opened.Reset == ResetReasons.Failover,
            MayRename = mustReset != false,
        });
        if (!opened.IsLost)
        {
            ShouldAnnounce(opened.Gap, place.Sequence, opened.Position.Sequence);
        }

        var seat = AddSeat(receiver);
        seat.Remember(earlier, place);
        if (!opened.IsLost)
        {
            seat.Carry(place, opened.Position);
        }
    }

    private async Task LeaveAsync(Seat seat, bool isFlushed)
    {
        var (receiver, grant) = (seat.Receiver, _model.Grant);
        var isCurrent = Now.HasHash && grant.Epoch == receiver.Fence.Epoch && grant.Owner == receiver.Fence.Owner;
        var tells = isCurrent && isFlushed && seat.AcksItself && _model.Names(receiver.Position.Generation.ToString(), receiver.Position.Sequence) && !_model.MustRename;
        var sent = Now.Sent;
        await receiver.LeaveAsync(isFlushed && seat.AcksItself);
        seat.HasLeft = true;
        _model.Grant = isCurrent ? grant with { IsPresent = false } : grant;
        await FollowAsync(new Effect { Saves = isCurrent, FlushedThrough = tells ? Math.Min(receiver.Position.Sequence, sent) : 0 });
    }

    private async Task DismissAsync()
    {
        var wasPresent = await mailbox.Store.DismissAsync(mailbox.Name, CancellationToken.None);
        wasPresent.ShouldBe(Now.HasHash && _model.Grant.IsPresent);
        if (Now.HasHash)
        {
            _model.Grant = new Grant(_model.Grant.Epoch + 1, default, default, IsPresent: false);
        }

        await FollowAsync(new Effect { Saves = Now.HasHash });
    }

    private async Task TakeBackAsync(int chosen)
    {
        var mayBeDropped = Now.Entries.Length > 2 * maxMessages;
        var (wasElsewhere, last) = (_model.IsElsewhere, Now.Last); // a bare delivery behind it has no name in this generation
        var (sequence, payload) = Now.Live.Count > 0 && chosen % 8 != 0 ? Now.Live[chosen % Now.Live.Count] : (chosen, "");
        Identifier.TryParse(Now.Generation, out var generation).ShouldBeTrue();
        var isGone = await mailbox.TakeBackAsync(new MessageId(generation, sequence));
        Say($" {payload} at {sequence}: {isGone}");
        if (isGone)
        {
            Now.HasHash.ShouldBeTrue();
        }

        await FollowAsync(new Effect { Saves = isGone, TakenBack = isGone ? sequence : 0 });
        (isGone && Now.PayloadAt(sequence) is not null).ShouldBeFalse("it was taken back and is there");
        if (!isGone && Now.HasHash && Now.Generation == generation.ToString() && Now.PayloadAt(sequence) is { } there &&
            !_model.MustRename && !mayBeDropped && !(wasElsewhere && sequence > last))
        {
            _model.Letters[there].Expires.ShouldBeLessThanOrEqualTo(Now.Now, $"{there} was there and was not taken back");
        }
    }

    private async Task PeekAsync(int chosen)
    {
        var after = Now.HasHash ? Now.First - 2 + (chosen % (maxMessages + 4)) : chosen % 3;
        var isThere = Now.HasHash || Now.Entries.Length > 0;
        var peeked = await mailbox.PeekEntriesAsync(after, limit: 1 + (chosen % 20));
        peeked.Outcome.ShouldBe(isThere ? PeekOutcome.Peeked : PeekOutcome.NoMailbox);
        await FollowAsync(new Effect { Saves = isThere });
        foreach (var entry in peeked.Entries)
        {
            entry.Position.Generation.ToString().ShouldBe(Now.Generation);
            var there = Now.PayloadAt(entry.Position.Sequence);
            if (entry.Kind == EntryKind.Message)
            {
                TestReceiver.BodyOf(entry.Message!).ShouldBe(there);
            }
        }
    }

    private async Task InfoAsync()
    {
        var isThere = Now.HasHash || Now.Entries.Length > 0;
        var info = await mailbox.Store.GetInfoAsync(mailbox.Name, CancellationToken.None);
        (info is not null).ShouldBe(isThere);
        await FollowAsync(new Effect { Saves = isThere });
        if (info is not null)
        {
            (info.First, info.Last, info.Sent, info.Messages, info.Bytes, info.Epoch, info.Connected).ShouldBe(
                (Now.First, Now.Last, Now.Sent, Now.Live.Count, Now.Bytes, _model.Grant.Epoch, _model.Grant.IsPresent));
        }
    }

    private async Task PauseAsync(int milliseconds)
    {
        await Task.Delay(milliseconds);
        await FollowAsync(new Effect());
    }

    private async Task RemoveAsync()
    {
        await mailbox.Store.RemoveAsync(mailbox.Name, CancellationToken.None);
        _model.LoseHash();
        _model.LoseIndex();
        _model.Rebase(await Observation.OfAsync(mailbox));
        (Now.HasHash || Now.Entries.Length > 0).ShouldBeFalse();
    }

    private async Task SnapshotAsync()
    {
        string[] keys = [mailbox.Hash, mailbox.List, mailbox.Index];
        var dumps = await mailbox.Cli.ExecuteManyAsync([.. keys.Select(key => new object[] { "DUMP", key })]);
        _snapshot = [.. keys.Zip(dumps, Now.Ends).Select(one => (one.First, (byte[]?)one.Second, one.Third))];
        _model.Keep();
        await FollowAsync(new Effect());
    }

    private async Task FailAsync(ScenarioStep step)
    {
        var knewEntries = Now.HasHash && Now.Last >= Now.First;
        switch (step.Act)
        {
            case Act.LoseList or Act.LoseAndRefillList:
                await mailbox.Cli.ExecuteAsync("DEL", mailbox.List);
                _model.LoseList(knewEntries);
                break;
            case Act.ExpireList:
                await mailbox.Cli.ExecuteAsync("PEXPIRE", mailbox.List, 1);
                await mailbox.WaitUntilAsync(await mailbox.NowMillisecondsAsync() + 1);
                _model.LoseList(knewEntries);
                break;
            case Act.LoseHash:
                await mailbox.Cli.ExecuteAsync("DEL", mailbox.Hash);
                _model.LoseHash();
                break;
            case Act.LoseIndex:
                await mailbox.Cli.ExecuteAsync("DEL", mailbox.Index);
                _model.LoseIndex();
                break;
            case Act.Restart:
                await BecomeAnotherServerAsync();
                break;
            case Act.FailOver when _snapshot is not null:
                foreach (var (key, dump, end) in _snapshot)
                {
                    await mailbox.Cli.ExecuteAsync(
                        dump is null ? ["DEL", key] : ["RESTORE", key, Math.Max(end, 0), dump, "REPLACE", "ABSTTL"]);
                }

                _model.FallBack();
                await BecomeAnotherServerAsync();
                break;
        }

        _model.Rebase(await Observation.OfAsync(mailbox));
        if (step.Act == Act.LoseAndRefillList)
        {
            await PushAsync([.. Enumerable.Range(0, 1 + (step.A % (maxMessages + 4))).Select(_ => Bare())]);
        }
    }

    private async Task BecomeAnotherServerAsync()
    {
        await mailbox.BecomeAnotherServerAsync();
        _model.Rebase(await Observation.OfAsync(mailbox));
        _model.BecomeAnotherServer();
    }

    /// <summary>In the end a receiver comes and stays: it gets everything that is there, and nothing is left (G2).</summary>
    private async Task ShouldDrainAsync()
    {
        _history.Append("drain");
        var seat = await OpenAsync(StartAt.Oldest, AckMode.Client, window: 3, isShared: false);
        var waiting = Now.Live.Where(one => !_model.Letters[one.Payload].IsMalformed).ToArray();
        for (var i = 0; i < 100 && Now.Entries.Length > 0; i++)
        {
            await TakeAsync(seat, most: 4);
            await AckAsync(seat, seat.Receiver.Position);
            _history.AppendLine();
        }

        Now.Entries.ShouldBeEmpty("it does not drain");
        waiting.Where(one => _model.Letters[one.Payload].Expires > Now.Now && !seat.Seen.ContainsValue(one.Payload))
            .ShouldBeEmpty("messages were not received");
        _history.AppendLine();
    }

    private void Say(string what) => _history.Append(what);

    private async Task FollowAsync(Effect effect) => _model.Follow(effect, await Observation.OfAsync(mailbox));

    private static void ShouldReset(bool? must, bool? mustCarry, string? reset)
    {
        if (must is { } expected)
        {
            (reset is not null).ShouldBe(expected, "reset");
        }

        if (mustCarry is { } carried)
        {
            (reset == ResetReasons.Failover).ShouldBe(carried, "carried into the new generation");
        }
    }

    /// <summary>Every number in (from, to] left on purpose or is in the gap; and a gap holds such a number (G5).</summary>
    private void ShouldAnnounce(Gap? gap, long from, long to)
    {
        var lost = _model.ToBeAnnounced(Now.Generation, from, to);
        if (gap is not { } told)
        {
            lost.ShouldBeEmpty("numbers left in silence");
            return;
        }

        (told.From, told.To).ShouldBe((from + 1, to));
        (lost.Length > 0 || from < _model.Covered || _model.HasFailedOver).ShouldBeTrue("a gap in which nothing was lost");
    }

    private void GrantTo(TestReceiver receiver)
    {
        if (!receiver.IsShared)
        {
            receiver.Fence.Epoch.ShouldBeGreaterThan(_model.Grant.Epoch, "the epoch did not rise");
            _model.Grant = new Grant(receiver.Fence.Epoch, receiver.Fence.Owner, receiver.Receiver, IsPresent: true);
        }
    }

    private Seat AddSeat(TestReceiver receiver)
    {
        var seat = new Seat(receiver);
        seat.Places.Add(receiver.Opened.Position);
        _seats.Add(seat);
        return seat;
    }

    /// <summary>Mostly one of the newest.</summary>
    private Seat? SeatAt(int chosen, bool mayHaveLeft)
    {
        var seats = _seats.Where(seat => mayHaveLeft || !seat.HasLeft).TakeLast(4).ToArray();
        return seats.Length == 0 ? null : seats[chosen % 3 == 0 ? chosen / 3 % seats.Length : seats.Length - 1];
    }

    private Position Beyond(Seat seat, int chosen) =>
        seat.Receiver.Position with { Sequence = Now.Sent + 1 + (chosen % 5), Check = Identifier.Random() };

    private static AckMode AckOf(ScenarioStep step) => step.A % 3 == 0 ? AckMode.None : AckMode.Client;

    private static int WindowOf(ScenarioStep step) => 1 + (step.B % 5);

    private string Next() => Payload.Named(++_letters);

    private byte[] Bare() => Encoding.UTF8.GetBytes(_model.Write(new Letter(Next())).Payload);

    private byte[] ShortLived(int life)
    {
        var time = Now.Now;
        var letter = _model.Write(new Letter(Next(), Expires: time + life));
        return Store.Entries.Expiring(time, time + life, letter.Payload);
    }

    private byte[] Malformed() =>
        Encoding.UTF8.GetBytes("\u0001junk" + _model.Write(new Letter(Next(), IsMalformed: true)).Payload);

    private byte[] Oversize() => Encoding.UTF8.GetBytes(
        _model.Write(new Letter(Next(), IsMalformed: true, IsOversize: true)).Payload + new string('x', 80_000));

    private static string Describe(Taken taken) => string.Join(
        " ", taken.Entries?.Select(entry => $"{entry.Position.Sequence}{(entry.Message is { } message ? TestReceiver.BodyOf(message) : entry.Kind)}") ?? []);
}
