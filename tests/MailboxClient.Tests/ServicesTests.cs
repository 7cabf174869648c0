using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mailbox.Client;
using Mailbox.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mailbox.ClientTests;

/// <summary>The client as a program's service: options, loggers, traces, figures.</summary>
public sealed class ServicesTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private readonly string _mailbox = Names.Fresh("services");

    [Fact]
    public async Task Clients_come_by_type_and_by_key_through_the_programs_handlers()
    {
        var services = new ServiceCollection();
        services.AddMailboxClient(o => o.BaseAddresses.Add(server.Node.BaseAddress)).AddHttpMessageHandler(() => new Counting());
        services.AddKeyedMailboxClient("other", o => o.BaseAddresses.Add(server.Node.BaseAddress));
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<MailboxClient>();
        client.ShouldBeSameAs(provider.GetRequiredService<MailboxClient>());
        var other = provider.GetRequiredKeyedService<MailboxClient>("other");
        other.ShouldNotBeSameAs(client);

        var before = Counting.Count;
        await client.SendAsync(_mailbox, 1, 2);
        Counting.Count.ShouldBe(before + 2);
        foreach (var transport in Enum.GetValues<MailboxTransport>())
        {
            await using var receiver = other.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });
            (await receiver.TakeAsync(2)).ShouldBe(["m1", "m2"]);
            await client.SendAsync(_mailbox, 1, 2);
            (await receiver.TakeAsync(3)).ShouldBe(["m2", "m1", "m2"]);
            (await server.Node.Http.DeleteAsync(Contracts.MailboxRoutes.ForMailbox(_mailbox))).EnsureSuccessStatusCode();
            await client.SendAsync(_mailbox, 1, 2);
        }
    }

    [Fact]
    public void Options_that_cannot_work_throw_with_their_name()
    {
        foreach (var (configure, name) in new (Action<MailboxClientOptions>, string)[]
        {
            (_ => { }, "BaseAddresses"),
            (o => o.BaseAddresses.Add(new Uri("ftp://x")), "BaseAddresses"),
            (o => o.SendRetryTime = TimeSpan.FromHours(1), "SendRetryTime"),
            (o => o.IdleTimeout = TimeSpan.Zero, "IdleTimeout"),
            (o => o.RetryDelay = TimeSpan.FromHours(1), "RetryDelay"),
            (o => o.AttemptTimeout = TimeSpan.Zero, "AttemptTimeout"),
        })
        {
            var options = new MailboxClientOptions();
            if (name != "BaseAddresses")
            {
                options.BaseAddresses.Add(server.Node.BaseAddress);
            }

            configure(options);
            Should.Throw<ArgumentException>(() => new MailboxClient(options)).Message.ShouldContain(name);
        }
    }

    [Fact]
    public async Task A_client_keeps_the_options_that_it_was_made_with()
    {
        var options = new MailboxClientOptions { BaseAddresses = { server.Node.BaseAddress } };
        using var client = new MailboxClient(options);
        options.BaseAddresses.Clear();
        options.AttemptTimeout = TimeSpan.Zero;
        (await client.SendAsync(_mailbox, "x", cancellationToken: Loops.Deadline)).Queued.ShouldBeTrue();
    }

    [Fact]
    public async Task A_delivery_has_a_trace_and_figures_by_their_usual_names()
    {
        var activities = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MailboxClient.DiagnosticsName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (Equals(activity.GetTagItem("messaging.destination.name"), _mailbox))
                {
                    activities.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var figures = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, meters) =>
            {
                if (instrument.Meter.Name == MailboxClient.DiagnosticsName)
                {
                    meters.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, _, _, _) => figures.Enqueue(instrument.Name));
        meters.SetMeasurementEventCallback<double>((instrument, _, _, _) => figures.Enqueue(instrument.Name));
        meters.Start();

        using var client = new MailboxClient(server.Node.BaseAddress.ToString());
        var result = await client.SendAsync(_mailbox, "x", cancellationToken: Loops.Deadline);
        await Should.ThrowAsync<MailboxException>(() => client.SendAsync(_mailbox, new byte[70_000], cancellationToken: Loops.Deadline));
        await using var receiver = client.ReceiveAsync(_mailbox);
        await receiver.TakeAsync(1);

        activities.Count.ShouldBe(3);
        activities[0].DisplayName.ShouldBe("send");
        activities[0].Kind.ShouldBe(ActivityKind.Producer);
        activities[0].GetTagItem("messaging.system").ShouldBe("mailbox");
        activities[0].GetTagItem("messaging.message.id").ShouldBe(result.Id);
        activities[1].GetTagItem("error.type").ShouldBe("413");
        activities[1].Status.ShouldBe(ActivityStatusCode.Error);
        activities[2].DisplayName.ShouldBe("receive");
        activities[2].Kind.ShouldBe(ActivityKind.Consumer);
        activities[2].TraceId.ShouldBe(activities[0].TraceId, "through the store");
        activities[2].Links.ShouldHaveSingleItem().Context.TraceId.ShouldBe(activities[0].TraceId);
        activities[2].GetTagItem("messaging.message.id").ShouldBe(result.Id);
        figures.ShouldContain("messaging.client.sent.messages");
        figures.ShouldContain("messaging.client.operation.duration");
        figures.ShouldContain("messaging.client.consumed.messages");
    }

    [Fact]
    public async Task The_log_has_no_body_token_or_name()
    {
        var log = new Lines();
        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        using var client = new MailboxClient(new MailboxClientOptions
        {
            BaseAddresses = { server.Node.BaseAddress },
            LoggerFactory = loggers,
            Token = (_, _) => new("secret-token"),
        });
        await using var receiver = client.ReceiveAsync(_mailbox);
        await client.SendAsync(_mailbox, "secret-body", cancellationToken: Loops.Deadline);
        await receiver.TakeAsync(1);
        await using var newer = client.ReceiveAsync(_mailbox);
        await newer.HoldAsync(1, _ => Should.ThrowAsync<MailboxReplacedException>(() => receiver.TakeAsync(1)));
        log.All.ShouldNotBeEmpty();
        log.All.ShouldAllBe(line => !line.Contains("secret") && !line.Contains(_mailbox));
    }

    [Fact]
    public async Task Nor_has_the_log_of_a_program_that_logs_everything()
    {
        var log = new Lines();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        services.AddMailboxClient(o =>
        {
            o.BaseAddresses.Add(server.Node.BaseAddress);
            o.Token = (_, _) => new("secret-token");
        });
        services.AddKeyedMailboxClient("other", o => o.BaseAddresses.Add(server.Node.BaseAddress));
        await using var provider = services.BuildServiceProvider();
        foreach (var client in new[] { provider.GetRequiredService<MailboxClient>(), provider.GetRequiredKeyedService<MailboxClient>("other") })
        {
            await client.SendAsync(_mailbox, "secret-body", cancellationToken: Loops.Deadline);
            await using var receiver = client.ReceiveAsync(_mailbox);
            await receiver.TakeAsync(1);
        }

        log.All.ShouldNotBeEmpty();
        log.All.ShouldAllBe(line => !line.Contains("secret") && !line.Contains(_mailbox));
    }

    private sealed class Counting : DelegatingHandler
    {
        public static int Count { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Count++;
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
