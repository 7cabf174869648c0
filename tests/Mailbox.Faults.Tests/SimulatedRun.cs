using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Tests;

/// <summary>A run against mailboxes that keep every promise, made up from a seed: all that a checker must not object to.</summary>
internal sealed class SimulatedRun
{
    private const int Mailboxes = 4;
    private const int Producers = 6;

    private readonly List<HistoryEvent> _history = [];
    private readonly Random _random;
    private readonly SimulatedMailbox[] _mailboxes;
    private readonly Attempt?[] _attempts = new Attempt?[Producers];
    private readonly bool _isPlain;
    private long _op;
    private bool _isFaulty;
    private bool _mayDrop;

    /// <param name="isPlain">Nothing is removed on purpose, and no fault permits a loss: every hole is one too many.</param>
    private SimulatedRun(int seed, bool isPlain)
    {
        _random = new Random(seed);
        _isPlain = isPlain;
        _mailboxes = [.. Enumerable.Range(0, Mailboxes).Select(number => new SimulatedMailbox(number, _random, Tell))];
    }

    public static List<HistoryEvent> Of(int seed, int steps, bool isPlain = false)
    {
        var run = new SimulatedRun(seed, isPlain);
        run.Go(steps);
        return run._history;
    }

    private void Go(int steps)
    {
        foreach (var mailbox in _mailboxes)
        {
            // Something that certainly comes: a run in which nothing came shows nothing.
            Deliver(mailbox);
            mailbox.Open("alice");
            mailbox.Read();
        }
        for (var i = 0; i < steps; i++)
            Step(_mailboxes[_random.Next(Mailboxes)]);

        for (var producer = 0; producer < Producers; producer++)
            Answer(producer);
        if (_isFaulty)
            Tell(new FaultEnded("fault"));
        for (var i = 0; i < Mailboxes; i++)
        {
            if (IsWatched(i))
                Drain(_mailboxes[i]);
            else
                _mailboxes[i].Open("eve"); // a newcomer is told what a limit dropped, as nobody else is there to tell
        }
        Tell(new Quiet());
        for (var i = 0; i < Mailboxes; i++)
            Tell(_mailboxes[i].Kept(IsWatched(i)));
    }

    private static bool IsWatched(int mailbox) => mailbox > 0;

    private static void Drain(SimulatedMailbox mailbox)
    {
        mailbox.Open("alice");
        while (mailbox.Read()) ;
    }

    private void Step(SimulatedMailbox mailbox)
    {
        switch (_random.Next(_isPlain ? 95 : 100))
        {
            case < 40: Advance(_random.Next(Producers), mailbox); break;
            case < 80: mailbox.Read(); break;
            case < 86: mailbox.Ack(); break;
            case < 92: mailbox.Open(_random.Next(4) == 0 ? "bob" : "alice"); break;
            case < 94: mailbox.Break(); break;
            case < 95: Fault(); break;
            case < 97: mailbox.TakeBackOne(); break;
            case < 98 when _isFaulty && _mayDrop: mailbox.DropOldest(); break;
            case < 99 when _isFaulty && !_mayDrop: Forget(mailbox); break;
        }
    }

    private void Fault()
    {
        if (_isFaulty)
        {
            Tell(new FaultEnded("fault"));
        }
        else
        {
            _mayDrop = _random.Next(2) == 0;
            Tell(new FaultBegan("fault", _isPlain ? LossWindow.None : _mayDrop ? LossWindow.Limit : LossWindow.RedisTail, 1e9));
        }
        _isFaulty = !_isFaulty;
    }

    private void Forget(SimulatedMailbox mailbox)
    {
        if (!mailbox.Forget())
            return;
        foreach (var attempt in _attempts.Where(attempt => attempt?.Mailbox == mailbox))
            attempt!.IsForgotten = true;
    }

    /// <summary>A producer begins, or its attempt is stored, or answered.</summary>
    private void Advance(int producer, SimulatedMailbox mailbox)
    {
        if (_attempts[producer] is not { } attempt)
        {
            var topic = !_isPlain && _random.Next(5) == 0 ? "t" : null;
            var began = new DeliverBegan(++_op, $"p{producer}", mailbox.Name, $"p{producer}:{_op}", "rest", false, topic);
            Tell(began);
            _attempts[producer] = new Attempt(began, mailbox);
        }
        else if (!attempt.IsStored && _random.Next(10) > 0)
        {
            attempt.Store();
        }
        else
        {
            Answer(producer);
        }
    }

    private void Answer(int producer)
    {
        if (_attempts[producer] is { } attempt)
            Tell(attempt.Answer(_random));
        _attempts[producer] = null;
    }

    private void Deliver(SimulatedMailbox mailbox)
    {
        var began = new DeliverBegan(++_op, "first", mailbox.Name, $"first:{_op}", "rest", false);
        Tell(began);
        var attempt = new Attempt(began, mailbox);
        attempt.Store();
        Tell(new DeliverEnded(_op, DeliverOutcome.Accepted, attempt.Id));
    }

    private void Tell(HistoryEvent happened) =>
        _history.Add(happened with { Index = _history.Count, At = _history.Count * 0.01 });

    private sealed class Attempt(DeliverBegan began, SimulatedMailbox mailbox)
    {
        public Position? Id { get; private set; }

        public SimulatedMailbox Mailbox => mailbox;

        /// <summary>Stored or not, its answer is not to be had.</summary>
        public bool IsForgotten { get; set; }

        public bool IsStored => Id is not null;

        public void Store() => Id = mailbox.Store(began.Payload, began.Topic);

        public DeliverEnded Answer(Random random)
        {
            if (IsForgotten)
                return new DeliverEnded(began.Op, DeliverOutcome.Unknown);
            if (!IsStored)
                return new DeliverEnded(began.Op, random.Next(2) == 0 ? DeliverOutcome.Refused : DeliverOutcome.Unknown);
            return random.Next(10) switch
            {
                0 => new DeliverEnded(began.Op, DeliverOutcome.Unknown),
                < 4 => new DeliverEnded(began.Op, DeliverOutcome.Accepted),
                _ => new DeliverEnded(began.Op, DeliverOutcome.Accepted, Id),
            };
        }
    }
}
