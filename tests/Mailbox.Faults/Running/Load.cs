using Mailbox.Client;
using Mailbox.Faults.Actors;
using Mailbox.Faults.Histories;
using Mailbox.TestKit;

namespace Mailbox.Faults.Running;

/// <summary>The clients and producers of one run, each with mailboxes that no other run has.</summary>
internal sealed class Load : IDisposable
{
    private const int MailboxesOfAnAnswer = 5;

    private readonly Ledger _ledger = new();
    private readonly CancellationTokenSource _stopProducers = new();
    private readonly CancellationTokenSource _stopClients = new();
    private readonly List<Actors.Client> _clients = [];
    private readonly List<Producer> _producers = [];
    private readonly History _history;
    private readonly string _run = Names.Fresh("f");
    private Task _producing = Task.CompletedTask;
    private Task _receiving = Task.CompletedTask;

    public Load(Site site, History history, LoadPlan plan, int seed)
    {
        _history = history;
        var busy = new List<string>();
        foreach (var transport in Enum.GetValues<TransportKind>())
        {
            foreach (var acks in new[] { true, false })
            {
                for (var i = 0; i < plan.ClientsOfEachKind; i++)
                {
                    var absent = plan.AbsentEvery > 0 && _clients.Count % plan.AbsentEvery == plan.AbsentEvery - 1;
                    Add("c", new() { Name = "", Mailbox = "", Transport = transport, Acks = acks, Absences = TimeSpan.FromSeconds(absent ? 3 : 0) });
                }
            }
        }

        foreach (var transport in Enum.GetValues<MailboxTransport>())
        {
            for (var i = 0; i < plan.SdkClientsOfEachKind; i++)
            {
                Add("sdk", new() { Name = "", Mailbox = "", Sdk = transport, Acks = true });
            }
        }

        for (var i = 0; i < plan.Slow; i++)
        {
            Add("slow", new() { Name = "", Mailbox = "", Transport = TransportKind.WebSocket, Acks = true, ReadDelay = plan.SlowDelay });
        }

        for (var i = 0; i < plan.Contested; i++)
        {
            var options = new ClientOptions { Name = "", Mailbox = "", Transport = (TransportKind)(i % 4), Acks = true, Fights = true };
            var mailbox = Add("fight", options);
            Add("fight", options with { Mailbox = mailbox });
        }

        // A few watchers: they must change nothing for anybody.
        foreach (var mailbox in busy.Take(2).ToList())
        {
            Add("watch", new() { Name = "", Mailbox = mailbox, IsShared = true });
        }

        var receivers = busy.Distinct().ToList();
        for (var i = 0; i < plan.Idle; i++)
        {
            Add("idle", new() { Name = "", Mailbox = "" });
        }

        Mailboxes = [.. busy.Distinct()];
        AddProducers(site, history, plan, receivers, seed);

        string Add(string kind, ClientOptions options)
        {
            var mailbox = options.Mailbox.Length > 0 ? options.Mailbox : $"{_run}.{kind}{busy.Count}";
            busy.Add(mailbox);
            _clients.Add(new Actors.Client(history, _ledger, site.AnyNode, options with
            {
                Name = $"{kind}{_clients.Count}",
                Mailbox = mailbox,
                Patience = plan.Patience,
                Seed = SeedOf(seed, _clients.Count),
            }));
            return mailbox;
        }
    }

    /// <summary>All that a client holds.</summary>
    public IReadOnlyList<string> Mailboxes { get; }

    public IReadOnlyList<Actors.Client> Clients => _clients;

    public int Accepted => _ledger.Accepted;

    public void Start()
    {
        _receiving = Task.WhenAll(_clients.Select(client => client.RunAsync(_stopClients.Token)));
        _producing = Task.WhenAll(_producers.Select(producer => producer.RunAsync(_stopProducers.Token)));
    }

    /// <summary>Of <see cref="RecordAsync"/>'s own.</summary>
    public bool IsReceived(string mailbox, string payload) => _ledger.IsReceived(mailbox, $"{_run}.{payload}");

    /// <summary>Deliveries that the nemesis makes itself, in one go. If this throws, nobody knows what became of them.</summary>
    public async Task RecordAsync(
        IReadOnlyList<(string Payload, string Mailbox)> deliveries, Func<IReadOnlyList<string>, Task> deliverAsync)
    {
        var first = Producer.NextOp(deliveries.Count);
        var payloads = deliveries.Select(delivery => $"{_run}.{delivery.Payload}").ToList();
        for (var i = 0; i < payloads.Count; i++)
        {
            _history.Add(new DeliverBegan(first + i, "nemesis", deliveries[i].Mailbox, payloads[i], "nemesis", IsKeyed: false));
        }

        await deliverAsync(payloads);
        for (var i = 0; i < payloads.Count; i++)
        {
            _history.Add(new DeliverEnded(first + i, DeliverOutcome.Accepted));
            _ledger.WasAccepted(deliveries[i].Mailbox, payloads[i]);
        }
    }

    /// <summary>
    /// Ends the producers and waits until everything accepted has arrived; or, when something is lost, until nothing has
    /// come for a while.
    /// </summary>
    public async Task SettleAsync(TimeSpan silence, TimeSpan deadline)
    {
        await _stopProducers.CancelAsync();
        await _producing;
        var until = Environment.TickCount64 + (long)deadline.TotalMilliseconds;
        while (Environment.TickCount64 < until && (_ledger.Outstanding > 0 ? _ledger.Silence < silence : _ledger.Silence < TimeSpan.FromSeconds(1)))
        {
            await Task.Delay(100);
        }
    }

    public async Task StopAsync()
    {
        await _stopProducers.CancelAsync();
        await _stopClients.CancelAsync();
        await _producing;
        await _receiving;
    }

    public void Dispose()
    {
        _stopProducers.Dispose();
        _stopClients.Dispose();
    }

    /// <summary>The same in every process: the seed repeats the run.</summary>
    private static int SeedOf(int seed, int actor) => unchecked((seed * 397) ^ actor);

    private void AddProducers(Site site, History history, LoadPlan plan, List<string> mailboxes, int seed)
    {
        if (!plan.HasProducers)
        {
            return;
        }

        Add("rest", new RestDoor(site.AnyNode, takesKeys: true));
        Add("keyed", new RestDoor(site.AnyNode, takesKeys: true));
        Add("once", new RestDoor(site.AnyNode, takesKeys: false));
        Add("many", new ManyDoor(site.AnyNode, 5));
        if (site.IsElsewhere)
        {
            return;
        }

        for (var i = 0; i < plan.ByGroup; i++)
        {
            Add($"group{i}", new GroupDoor(site.AnyNode, $"{_run}.group{i}", mailboxes));
        }

        for (var i = 0; site.Backend is not null && i < plan.ByAnswer; i++)
        {
            Add($"answer{i}", new AnswerDoor(site.AnyNode, [.. mailboxes.Skip(i * MailboxesOfAnAnswer).Take(MailboxesOfAnAnswer)]));
        }

        Add("bare", new RedisDoor(site.Redis.NewSender(TransportDoor.BareRedis)));
        Add("function", new RedisDoor(site.Redis.NewSender(TransportDoor.Function)));

        void Add(string name, IDoor door) => _producers.Add(new Producer(history, _ledger, door, new ProducerOptions
        {
            Name = $"{_run}.{name}",
            Mailboxes = mailboxes,
            Pause = plan.Pause * door.AtOnce,
            BodyBytes = plan.BodyBytes,
            Seed = SeedOf(seed, 1_000 + _producers.Count),
        }));
    }
}
