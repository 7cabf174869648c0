using Mailbox;
using Mailbox.Mailboxes;
using Mailbox.Redis;
using Mailbox.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailboxServer.Tests.Store;

/// <summary>One engine for a whole collection of tests, with the server's own store on it. Tests use fresh names.</summary>
public abstract class StoreFixture : IAsyncLifetime
{
    private RedisEngine? _engine;
    private RedisConnection? _connection;
    private RedisCli? _cli;

    internal RedisEngine Engine => _engine!;

    internal RedisConnection Connection => _connection!;

    internal RedisCli Cli => _cli!;

    internal MailboxKeys Keys { get; } = new(new RedisOptions().KeyPrefix);

    public async ValueTask InitializeAsync()
    {
        _engine = await StartEngineAsync();
        _cli = await _engine.ConnectAsync();

        // These tests ask for answers, not for speed: on a busy machine a call may be slow.
        _connection = new RedisConnection(
            _engine.ConnectionString, TimeSpan.FromSeconds(30), NullLogger<RedisConnection>.Instance);
        await _connection.ConnectAsync();
        if (_engine.HasFunctions)
        {
            await RegisterFunctionAsync(new MailboxOptions());
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        if (_cli is not null)
        {
            await _cli.DisposeAsync();
        }

        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected abstract Task<RedisEngine> StartEngineAsync();

    /// <summary>The function's own defaults are those of the node that registered it last.</summary>
    internal Task RegisterFunctionAsync(MailboxOptions options) =>
        new FunctionLibrary(Connection, Keys, new RedisScripts(options), NullLogger<FunctionLibrary>.Instance)
            .RegisterAsync(CancellationToken.None);

    internal IMailboxStore StoreWith(MailboxOptions options, ILogger<RedisMailboxStore>? logger = null) =>
        new RedisMailboxStore(
            Connection, new RedisScripts(options), Keys, new Node(), options, logger ?? NullLogger<RedisMailboxStore>.Instance);

    internal TestMailbox Mailbox(MailboxOptions? options = null, ILogger<RedisMailboxStore>? logger = null) =>
        new(StoreWith(options ?? new MailboxOptions(), logger), Cli, Names.Fresh());
}

/// <summary>A <c>redis-server</c>.</summary>
public sealed class RedisFixture : StoreFixture
{
    protected override async Task<RedisEngine> StartEngineAsync() => await RedisServer.StartAsync();
}

/// <summary>A <c>garnet-server</c>: the same scripts on Lua 5.4, and no functions.</summary>
public sealed class GarnetFixture : StoreFixture
{
    protected override async Task<RedisEngine> StartEngineAsync() => await GarnetServer.StartAsync();
}

[CollectionDefinition(Name)]
public sealed class StoreOnRedis : ICollectionFixture<RedisFixture>
{
    public const string Name = "Store on Redis";
}

[CollectionDefinition(Name)]
public sealed class StoreOnGarnet : ICollectionFixture<GarnetFixture>
{
    public const string Name = "Store on Garnet";
}
