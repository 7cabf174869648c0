using Mailbox;
using Mailbox.Mailboxes;
using Mailbox.Redis;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

/// <summary>On keys of its own, as all share one list.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class RevocationListTests : IDisposable
{
    private readonly RedisFixture _fixture;
    private readonly MailboxKeys _keys = new($"{Names.Fresh("revocations")}:");
    private readonly Revocations _revocations = new();
    private readonly SessionRegistry _sessions = new(new SessionClock { Heartbeat = TimeSpan.FromDays(1), Sweep = TimeSpan.FromDays(1), WriteDeadline = TimeSpan.FromDays(1) });
    private readonly RevocationList _list;

    public RevocationListTests(RedisFixture fixture)
    {
        _fixture = fixture;
        _list = new RevocationList(fixture.Connection, new RedisScripts(new MailboxOptions()), _keys, _revocations, _sessions);
    }

    public void Dispose() => _sessions.Dispose();

    [Fact]
    public async Task Add_TokenAndCaller_HoldsHereAndWhereItIsRead()
    {
        var now = DateTimeOffset.UtcNow;
        foreach (var one in new[] { new Revocation("t:1", null, now), new Revocation(null, "c:t7:x", now) })
        {
            (await _list.AddAsync(one, now.AddHours(1), CancellationToken.None)).ShouldBeTrue();
        }

        var others = new Revocations();
        await new RevocationList(_fixture.Connection, new RedisScripts(new MailboxOptions()), _keys, others, _sessions).ReadAsync(CancellationToken.None);
        foreach (var known in new[] { _revocations, others })
        {
            known.Holds(Of("a", "t:1", now)).ShouldBeTrue();
            known.Holds(Of("c:t7:x", "u", now.AddSeconds(-1))).ShouldBeTrue();
            known.Holds(Of("c:t7:x", "u", now.AddSeconds(1))).ShouldBeFalse();
            known.Holds(Of("a", "u", now)).ShouldBeFalse();
        }

        ((long)(await _fixture.Cli.ExecuteAsync("PTTL", (string)_keys.Revocations!))!).ShouldBeInRange(1, 3_600_000);
    }

    [Fact]
    public async Task Add_Again_IsRememberedForTheLongerTimeAndCountsOnce()
    {
        var now = DateTimeOffset.UtcNow;
        foreach (var hours in new[] { 1, 3, 2 })
        {
            await _list.AddAsync(new Revocation("t", null, now), now.AddHours(hours), CancellationToken.None);
        }

        (await _fixture.Cli.ExecuteAsync("ZCARD", (string)_keys.Revocations!)).ShouldBe(1L);
        ((long)(await _fixture.Cli.ExecuteAsync("PTTL", (string)_keys.Revocations!))!).ShouldBeInRange(2 * 3_600_000L, 3 * 3_600_000L);
    }

    [Fact]
    public async Task Read_Over_IsForgotten()
    {
        var now = DateTimeOffset.UtcNow;
        await _list.AddAsync(new Revocation("stays", null, now), now.AddHours(1), CancellationToken.None);
        await _fixture.Cli.ExecuteAsync("ZADD", (string)_keys.Revocations!, now.AddSeconds(-1).ToUnixTimeMilliseconds(), "tover");
        await _list.ReadAsync(CancellationToken.None);
        _revocations.Holds(Of("a", "over", now)).ShouldBeFalse();
        _revocations.Holds(Of("a", "stays", now)).ShouldBeTrue();
        await _list.AddAsync(new Revocation("next", null, now), now.AddHours(1), CancellationToken.None);
        (await _fixture.Cli.ExecuteAsync("ZCARD", (string)_keys.Revocations!)).ShouldBe(2L);
    }

    [Fact]
    public async Task Add_AsManyAsMayBe_Refused()
    {
        var now = DateTimeOffset.UtcNow;
        var until = now.AddHours(1).ToUnixTimeMilliseconds();
        object[] all = ["ZADD", (string)_keys.Revocations!, .. Enumerable.Range(0, RevocationList.Most).SelectMany(i => new object[] { until, $"t{i}" })];
        await _fixture.Cli.ExecuteAsync(all);
        (await _list.AddAsync(new Revocation("one more", null, now), now.AddHours(1), CancellationToken.None)).ShouldBeFalse();
        (await _list.AddAsync(new Revocation("5", null, now), now.AddHours(2), CancellationToken.None)).ShouldBeTrue();
        _revocations.Holds(Of("a", "one more", now)).ShouldBeFalse();
        _revocations.Holds(Of("a", "9999", now)).ShouldBeTrue();
    }

    private static Grant Of(string caller, string token, DateTimeOffset issued) => new(caller, [token], issued, DateTimeOffset.MaxValue);
}
