using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>Deliveries while servers are away; many mailboxes; the sender that gathers.</summary>
public sealed class SendRetryTests : IAsyncLifetime
{
    private readonly string _mailbox = Names.Fresh("retry");
    private RedisServer _redis = null!;
    private MailboxNode _node = null!;
    private MailboxClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _node = await MailboxNode.StartAsync(_redis);
        _client = NewClient(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _node.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_delivery_whose_answer_is_lost_is_made_once()
    {
        using var losing = new LosingHandler();
        using var http = new HttpClient(losing, disposeHandler: false) { BaseAddress = _node.BaseAddress };
        using var client = new MailboxClient(http);
        await client.SendAsync(_mailbox, "once", cancellationToken: Loops.Deadline);
        losing.Sent.ShouldBe(2);
        (await client.SendAsync([_mailbox, $"{_mailbox}.b"], "many"u8.ToArray(), cancellationToken: Loops.Deadline)).Count.ShouldBe(2);
        losing.Sent.ShouldBe(4);
        await using (var sender = client.CreateSender())
        {
            await sender.SendAsync(_mailbox, "gathered", cancellationToken: Loops.Deadline);
        }

        losing.Sent.ShouldBe(6);
        await using var receiver = client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = MailboxTransport.WebSocket });
        await client.SendAsync(_mailbox, "end", cancellationToken: Loops.Deadline);
        (await receiver.TakeAsync(4)).ShouldBe(["once", "many", "gathered", "end"]);
    }

    [Fact]
    public async Task A_delivery_waits_for_a_node_that_is_away()
    {
        await _node.KillAsync();
        var sending = _client.SendAsync(_mailbox, "x", cancellationToken: Loops.Deadline);
        var many = _client.SendAsync([_mailbox], "y"u8.ToArray(), cancellationToken: Loops.Deadline);
        await Task.Delay(500);
        sending.IsCompleted.ShouldBeFalse();
        _node = await MailboxNode.StartAsync(_redis, new MailboxNodeOptions { Port = _node.BaseAddress.Port });
        (await sending).Queued.ShouldBeTrue();
        (await many).Single().Queued.ShouldBeTrue();
    }

    [Fact]
    public async Task A_delivery_waits_for_a_Redis_that_is_away_in_every_mailbox_of_many()
    {
        _redis.Freeze();
        var sending = _client.SendAsync([_mailbox, $"{_mailbox}.b"], "y"u8.ToArray(), cancellationToken: Loops.Deadline);
        await Task.Delay(2500);
        _redis.Thaw();
        (await sending).ShouldAllBe(result => result.Queued && result.Status < 300);
    }

    [Fact]
    public async Task Without_retries_the_first_failure_is_told()
    {
        using var client = NewClient(TimeSpan.Zero);
        await _node.KillAsync();
        var exception = await Should.ThrowAsync<MailboxException>(() => client.SendAsync(_mailbox, "x", cancellationToken: Loops.Deadline));
        exception.Status.ShouldBe(0);
        exception.IsTransient.ShouldBeTrue();
    }

    [Fact]
    public async Task Every_mailbox_of_many_has_its_result()
    {
        var results = await _client.SendAsync([_mailbox, "~system", $"{_mailbox}.b"], "x"u8.ToArray(), cancellationToken: Loops.Deadline);
        results.Select(result => result.Mailbox).ShouldBe([_mailbox, "~system", $"{_mailbox}.b"]);
        results.Select(result => result.Status).ShouldBe([202, 403, 202]);
        await Should.ThrowAsync<ArgumentException>(() => _client.SendAsync(["a", "a"], "x"u8.ToArray()));
        (await _client.SendAsync([], "x"u8.ToArray())).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_sender_gathers_keeps_order_and_fails_message_by_message()
    {
        var mailboxes = Enumerable.Range(0, 20).Select(i => $"{_mailbox}.{i}").ToList();
        await using (var sender = _client.CreateSender(new MailboxSenderOptions { Capacity = 50, BatchSize = 30 }))
        {
            var sending = new List<Task>();
            for (var i = 1; i <= 30; i++)
            {
                sending.AddRange(mailboxes.Select(mailbox => sender.SendAsync(mailbox, $"m{i}", cancellationToken: Loops.Deadline)));
            }

            var large = sender.SendAsync(mailboxes[0], new byte[70_000], cancellationToken: Loops.Deadline);
            var system = sender.SendAsync("~system", "x", cancellationToken: Loops.Deadline);
            await Task.WhenAll(sending);
            (await Should.ThrowAsync<MailboxException>(() => large)).Status.ShouldBe(413);
            (await Should.ThrowAsync<MailboxAccessException>(() => system)).Status.ShouldBe(403);
        }

        foreach (var mailbox in mailboxes)
        {
            await using var receiver = _client.ReceiveAsync(mailbox);
            (await receiver.TakeAsync(30)).ShouldBe(Loops.Texts(1, 30));
        }
    }

    [Fact]
    public async Task A_sender_that_is_disposed_has_sent_what_it_was_given_and_takes_no_more()
    {
        var sender = _client.CreateSender(new MailboxSenderOptions { BatchDelay = TimeSpan.FromSeconds(10) });
        var sending = Enumerable.Range(1, 5).Select(i => sender.SendAsync(_mailbox, $"m{i}", cancellationToken: Loops.Deadline)).ToList();
        await sender.DisposeAsync();
        (await Task.WhenAll(sending)).ShouldAllBe(result => result.Queued);
        await Should.ThrowAsync<ObjectDisposedException>(() => sender.SendAsync(_mailbox, "x"));
    }

    private MailboxClient NewClient(TimeSpan retryTime) => new(new MailboxClientOptions
    {
        BaseAddresses = { _node.BaseAddress },
        SendRetryTime = retryTime,
        RetryDelay = TimeSpan.FromMilliseconds(100),
    });

    /// <summary>Of each delivery, loses the first answer: the server has made it, and nobody hears of it.</summary>
    private sealed class LosingHandler() : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
    {
        private bool _losesNext;

        public int Sent { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (request.Method != HttpMethod.Post)
            {
                return response;
            }

            Sent++;
            _losesNext = !_losesNext;
            if (!_losesNext)
            {
                return response;
            }

            response.Dispose();
            throw new HttpRequestException("The answer is lost.");
        }
    }
}
