using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store.StateMachine;

/// <summary>
/// What the design promises of one mailbox, held against what Redis shows after every step. It does not know how the
/// scripts work: it knows which messages were there, what was asked, and by which of the stated reasons a message may
/// leave (G2), keeps the name of each for ever (G4), and notes what of each number is to be announced (G5).
/// </summary>
internal sealed class MailboxModel(int maxMessages, int resumeLength, bool dropsOldest)
{
    private readonly HashSet<string> _generations = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Generation, long Sequence), string> _names = [];
    private Dictionary<(string Generation, long Sequence), Fate> _fates = [];
    private Dictionary<string, (string Payload, string Generation)> _topics = [];
    private List<(string Generation, long Through)> _former = [];
    private Kept? _kept;

    public Dictionary<string, Letter> Letters { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Remembered> Keys { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>After the last step.</summary>
    public Observation Now { get; private set; } = new();

    public Grant Grant { get; set; } = Grant.None;

    /// <summary>What receivers that cannot acknowledge have, and what was acknowledged.</summary>
    public long Flushed { get; private set; }

    /// <summary>Entries that the hash knew of were lost: the next script that writes must begin a generation.</summary>
    public bool MustRename { get; private set; }

    /// <summary>Through here a gap may be told, also where the number itself had left on purpose before.</summary>
    public long Covered { get; private set; }

    public bool HasFailedOver { get; private set; }

    /// <summary>Redis is another server than the one that gave the names, and no script has seen that yet.</summary>
    public bool IsElsewhere { get; private set; }

    public Letter Write(Letter letter) => Letters[letter.Payload] = letter;

    /// <summary>Live, unexpired messages that count towards the limit: at least, and at most.</summary>
    public (int Least, int Most) CountUnflushed(long now)
    {
        var flushed = Now.HasHash && !MustRename ? Flushed : 0;
        var counted = Now.Live.Where(one => !Now.HasHash || MustRename || one.Sequence > flushed).ToArray();
        return (counted.Count(one => Letters[one.Payload].Expires > now), counted.Length);
    }

    /// <summary>The unsent message that a delivery with this topic replaces, as far as the index is known to be whole.</summary>
    public string? ReplacedBy(string? topic) =>
        topic is not null && !MustRename && _topics.TryGetValue(topic, out var topical) && Names(topical.Generation, 0) &&
        Now.Live.Any(one => one.Payload == topical.Payload && one.Sequence > Now.Sent)
            ? topical.Payload
            : null;

    public void Remember(string? topic, string payload)
    {
        if (topic is not null)
        {
            _topics[topic] = (payload, Now.Generation);
        }
    }

    /// <summary>Whether this still stands for what it stood for, as long as nothing was renumbered.</summary>
    public bool Names(string generation, long sequence) =>
        generation == Now.Generation || _former.Exists(one => one.Generation == generation && sequence <= one.Through);

    /// <summary>
    /// Whether a place can be honoured only under another generation's name: it must be carried there, it must not be, or
    /// nobody can tell (null).
    /// </summary>
    public bool? MustCarry(Seat seat, Position place, bool looks)
    {
        var generation = place.Generation.ToString();
        if (!Now.HasHash || MustRename || (generation == Now.Generation && !IsElsewhere))
        {
            return false;
        }

        if (generation == Now.Generation && !looks && Now.Entries.Length <= Now.Last - Now.First + 1)
        {
            return null;
        }

        if (!Names(generation, place.Sequence) || place.Sequence > Now.Last)
        {
            return false;
        }

        var seen = seat.Seen.GetValueOrDefault((place.Generation, place.Sequence));
        var there = Now.PayloadAt(place.Sequence);
        return seen is null || there is null ? null : seen == there;
    }

    /// <summary>Whether a place can still be honoured: it must be reset, it must not be, or nobody can tell (null).</summary>
    public bool? MustReset(Seat seat, Position place, bool isShared, bool looks = true)
    {
        if (IsElsewhere && (looks || Now.Entries.Length > Now.Last - Now.First + 1))
        {
            return true;
        }

        var tail = Now.First + Now.Entries.Length - 1;
        if (!Now.HasHash || MustRename || place.Generation.ToString() != Now.Generation || place.Sequence > tail)
        {
            return true;
        }

        var isBeyond = !isShared && place.Sequence > Math.Max(Now.Sent, Now.First - 1);
        if (Now.Entries.Length > 2 * maxMessages && (isBeyond || HasFailedOver))
        {
            return null; // so much was pushed that the limit drops also what is there now, before anyone sees it
        }

        if (isBeyond)
        {
            return true;
        }

        if (!HasFailedOver)
        {
            return false;
        }

        var seen = seat.Seen.GetValueOrDefault((place.Generation, place.Sequence));
        var there = Now.PayloadAt(place.Sequence);
        return seen is null || there is null ? null : seen != there;
    }

    public bool MayReset(Seat seat, Position place, bool isShared) => MustReset(seat, place, isShared) != false;

    /// <summary>Numbers in (from, to] that did not leave on purpose.</summary>
    public long[] ToBeAnnounced(string generation, long from, long to) =>
    [
        .. _fates.Where(one => one.Key.Generation == generation && one.Key.Sequence > from && one.Key.Sequence <= to &&
            one.Value != Fate.Quiet).Select(one => one.Key.Sequence),
    ];

    public long[] DroppedUnread(string generation, long from, long to) =>
    [
        .. _fates.Where(one => one.Key.Generation == generation && one.Key.Sequence > from && one.Key.Sequence <= to &&
            one.Value is Fate.Dropped or Fate.Malformed).Select(one => one.Key.Sequence),
    ];

    /// <summary>Something that is no script changed the keys: what is there now is what counts.</summary>
    public void Rebase(Observation now) => Now = now;

    /// <summary>Whoever was present has to say so to this one.</summary>
    public void BecomeAnotherServer()
    {
        IsElsewhere = Now.HasHash;
        Grant = Grant with { IsPresent = false };
    }

    public void LoseList(bool knewEntries) => MustRename |= knewEntries;

    public void LoseHash()
    {
        (Grant, Flushed, MustRename, IsElsewhere) = (Grant.None, 0, false, false);
        _topics.Clear();
    }

    public void LoseIndex()
    {
        Keys.Clear();
        _topics.Clear();
    }

    public void Keep() => _kept = new Kept(new(_fates), new(Keys), new(_topics), [.. _former], Grant, Flushed, MustRename);

    /// <summary>A replica without the newest writes was promoted. What they named, nothing else may be called.</summary>
    public void FallBack()
    {
        (_fates, Keys, _topics, _former) = (new(_kept!.Fates), new(_kept.Keys), new(_kept.Topics), [.. _kept.Former]);
        (Grant, Flushed, MustRename) = (_kept.Grant, _kept.Flushed, _kept.MustRename);
        HasFailedOver = true;
    }

    /// <summary>Holds what a step did against what it may do, and takes over what is there now.</summary>
    public void Follow(Effect effect, Observation after)
    {
        var before = Now;
        var isCarried = IsElsewhere && after.Generation != before.Generation && after.IsCarriedFrom(before.Generation);
        var isRenamed = after.Generation != before.Generation && !isCarried;
        if (isCarried)
        {
            _generations.Add(after.Generation).ShouldBeTrue("a generation came a second time");
            Carry(before, after);
        }
        else if (isRenamed)
        {
            _former.Clear();
            var isAllowed = !before.HasHash || MustRename || effect.MayRename;
            isAllowed.ShouldBeTrue("a new generation without a reason");
            _generations.Add(after.Generation).ShouldBeTrue("a generation came a second time");
            Flushed = 0;
            Covered = 0;
            _topics.Clear();
            foreach (var sequence in after.MalformedTombstones)
            {
                Note(after, sequence, Fate.Malformed);
            }
        }
        else if (MustRename && effect.Saves)
        {
            throw new ShouldAssertException("The list was lost, and the generation is the same.");
        }

        MustRename &= !isRenamed;
        IsElsewhere &= !isRenamed && !isCarried;
        Flushed = isRenamed ? 0 : Math.Max(Flushed, effect.FlushedThrough);
        Covered = Math.Max(Covered, effect.AcknowledgedThrough);
        Covered = effect.TrimsWindow ? Math.Max(Covered, Flushed - resumeLength) : Covered;
        ShouldExplainWhatLeft(effect, before, after, isRenamed);
        ShouldExplainWhatCame(effect, before, after, isRenamed);
        ShouldNameForEver(after);
        if (!isRenamed && before.HasHash)
        {
            after.Sent.ShouldBeGreaterThanOrEqualTo(before.Sent, "sent went back");
            (effect.MaySend || after.Sent == before.Sent).ShouldBeTrue("sent was moved by someone who may not");
        }

        if (effect.Saves)
        {
            ShouldBeInOrder(after);
        }

        Now = after;
    }

    /// <summary>The numbers stay what they were, under a new generation.</summary>
    private void Carry(Observation before, Observation after)
    {
        _former.Insert(0, (before.Generation, before.Last));
        _former = [.. _former.Take(4)];
        foreach (var (name, fate) in _fates.Where(one => one.Key.Generation == before.Generation).ToArray())
        {
            _fates[(after.Generation, name.Sequence)] = fate;
        }
    }

    private void ShouldExplainWhatLeft(Effect effect, Observation before, Observation after, bool isRenamed)
    {
        var left = before.Live.Where(one => !after.Payloads.Contains(one.Payload)).ToArray();
        var unexplained = new List<(long Sequence, string Payload)>();
        var room = 0;
        foreach (var (sequence, payload) in left)
        {
            if (ReasonOf(effect, before, after, isRenamed, sequence, Letters[payload]) is { } fate)
            {
                Note(isRenamed ? before : after, sequence, fate);

                // Expiry is looked for every 100 ms: within them a limit may take what has expired, and say so.
                var isTaken = before.HasHash && !isRenamed && fate == Fate.Quiet && sequence < after.First;
                Covered = isTaken ? Math.Max(Covered, after.First - 1) : Covered;
                room += effect.Takes && fate == Fate.Malformed ? 0 : 1; // that one counts until it is seen
            }
            else
            {
                unexplained.Add((sequence, payload));
            }
        }

        if (unexplained.Count == 0)
        {
            return;
        }

        // What is left can only be a limit: oldest first, no more than it takes, and not what was promised to stay.
        var survivor = before.Live.FirstOrDefault(
            one => after.Payloads.Contains(one.Payload), (Sequence: long.MaxValue, Payload: "")).Sequence;
        var last = unexplained[^1];
        last.Sequence.ShouldBeLessThan(survivor, $"{last.Payload} was dropped before an older one");
        var tombstones = before.TombstonesInList + room;
        var count = before.Live.Count - room + (effect.Delivers ? 1 : 0);
        (count > maxMessages || tombstones > maxMessages).ShouldBeTrue($"{last.Payload} left, and no limit was reached");
        Covered = before.HasHash && !isRenamed ? Math.Max(Covered, after.First - 1) : Covered;
        foreach (var (sequence, payload) in unexplained)
        {
            var isFlushed = before.HasHash && !isRenamed && sequence <= Flushed;
            Note(isRenamed ? before : after, sequence, isFlushed ? Fate.Windowed : Fate.Dropped);
            if (!isFlushed)
            {
                var mayDrop = dropsOldest || before.Live.Count - room > maxMessages || tombstones > 2 * maxMessages;
                mayDrop.ShouldBeTrue($"{payload} was dropped where the sender should have been refused");
                (after.Live.Count + left.Length - unexplained.Count >= maxMessages || tombstones > maxMessages).ShouldBeTrue(
                    $"{payload} was dropped, and there is room");
            }
        }
    }

    private Fate? ReasonOf(
        Effect effect, Observation before, Observation after, bool isRenamed, long sequence, Letter letter)
    {
        if (letter.Expires <= after.Now)
        {
            return Fate.Quiet;
        }

        if (effect.Takes && letter.IsOversize)
        {
            return Fate.Malformed;
        }

        if (!before.HasHash || isRenamed)
        {
            return null;
        }

        return effect switch
        {
            _ when sequence <= effect.AcknowledgedThrough => Fate.Acknowledged,
            _ when sequence == effect.TakenBack => Fate.Quiet,
            _ when sequence == effect.Quarantined => Fate.Malformed,
            _ when effect.Topic is not null && letter.Topic == effect.Topic && sequence > before.Sent => Fate.Quiet,
            _ when effect.TrimsWindow && sequence <= Flushed - resumeLength => Fate.Windowed,
            _ => null,
        };
    }

    private void ShouldExplainWhatCame(Effect effect, Observation before, Observation after, bool isRenamed)
    {
        after.Live.Select(one => one.Payload).ShouldBeUnique();
        foreach (var (_, payload) in after.Live.Where(one => !before.Payloads.Contains(one.Payload)))
        {
            effect.Added.ShouldContain(payload, $"{payload} came from nowhere");
        }

        var stayed = before.Live.Where(one => after.Payloads.Contains(one.Payload)).ToArray();
        after.Live.Where(one => before.Payloads.Contains(one.Payload)).Select(one => one.Payload)
            .ShouldBe(stayed.Select(one => one.Payload), "the order changed");
        if (isRenamed)
        {
            return;
        }

        var numbers = after.Live.ToDictionary(one => one.Payload, one => one.Sequence);
        foreach (var (sequence, payload) in stayed.Where(one => before.HasHash && numbers[one.Payload] != one.Sequence))
        {
            (sequence > before.Sent).ShouldBeTrue($"{payload} was sent as {sequence} and is {numbers[payload]} now");
            numbers[payload].ShouldBeGreaterThan(before.First + before.Entries.Length - 1);
            Note(after, sequence, Fate.Quiet);
        }
    }

    private void ShouldNameForEver(Observation after)
    {
        foreach (var (sequence, payload) in after.Live.Where(one => after.HasHash && !MustRename && one.Sequence <= after.Last))
        {
            var name = (after.Generation, sequence);
            if (!_names.TryAdd(name, payload))
            {
                _names[name].ShouldBe(payload, $"{name} named another message before");
            }
        }
    }

    private void ShouldBeInOrder(Observation after)
    {
        after.Ends[0].ShouldBe(after.Deadline, "the hash ends at another moment");
        after.Ends[1].ShouldBeOneOf(-2, after.Deadline);
        after.Ends[2].ShouldBeOneOf(-2, after.Deadline);
        after.Entries.LongLength.ShouldBe(after.Last - after.First + 1, "last is not the list's end");
        after.Bytes.ShouldBe(after.Entries.Sum(Store.Entries.WeightOf), "bytes");
        after.Tombstones.ShouldBe(after.TombstonesInList, "tombstones");
        after.Live.Count.ShouldBeLessThanOrEqualTo(maxMessages, "more messages than the limit");
        after.Entries.Length.ShouldBeLessThanOrEqualTo((3 * maxMessages) + 1, "the list grows");
        after.Epoch.ShouldBe(Grant.Epoch);
    }

    private void Note(Observation named, long sequence, Fate fate)
    {
        if (named.HasHash)
        {
            _fates[(named.Generation, sequence)] = fate;
        }
    }

    private sealed record Kept(
        Dictionary<(string Generation, long Sequence), Fate> Fates,
        Dictionary<string, Remembered> Keys,
        Dictionary<string, (string Payload, string Generation)> Topics,
        List<(string Generation, long Through)> Former,
        Grant Grant,
        long Flushed,
        bool MustRename);
}
