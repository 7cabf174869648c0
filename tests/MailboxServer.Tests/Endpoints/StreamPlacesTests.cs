using Mailbox;
using Mailbox.Contracts;
using Mailbox.Endpoints;

namespace MailboxServer.Tests.Endpoints;

public class StreamPlacesTests
{
    [Fact]
    public void TryTake_EachLimit_RefusedByItsOwnProblemAndNothingIsKept()
    {
        var places = new StreamPlaces(new MailboxOptions { MaxConnections = 4, Limits = new LimitOptions { StreamsPerCaller = 2, StreamsPerAddress = 3 } });
        places.TryTake("a", "1").ShouldBeNull();
        places.TryTake("a", "2").ShouldBeNull();
        places.TryTake("a", "3")!.Type.ShouldBe(ProblemTypes.TooManyRequests);
        places.TryTake("b", "1").ShouldBeNull();
        places.TryTake("c", "1").ShouldBeNull();
        places.TryTake("d", "1")!.Status.ShouldBe(429);
        places.TryTake("e", "4")!.Type.ShouldBe(ProblemTypes.TooMany);

        places.Leave("a", "2");
        places.TryTake("d", "1")!.Status.ShouldBe(429);
        places.TryTake("e", "4").ShouldBeNull();
    }

    [Fact]
    public void TryTake_NoLimitButTheNodes_AsManyAsThat()
    {
        var places = new StreamPlaces(new MailboxOptions { MaxConnections = 1_000, Limits = new LimitOptions { StreamsPerCaller = 0, StreamsPerAddress = 0 } });
        Enumerable.Range(0, 1_500).Count(_ => places.TryTake("a", "1") is null).ShouldBe(1_000);
    }

    [Fact]
    public void TryTake_FromManyThreads_NeverMoreAndNeverFewer()
    {
        var places = new StreamPlaces(new MailboxOptions { MaxConnections = 7 });
        var (held, most, refused) = (0, 0, 0);
        Parallel.For(0, 20_000, i =>
        {
            if (places.TryTake($"{i % 5}", "1") is not null)
            {
                Interlocked.Increment(ref refused);
                return;
            }

            var now = Interlocked.Increment(ref held);
            InterlockedMax(ref most, now);
            Interlocked.Decrement(ref held);
            places.Leave($"{i % 5}", "1");
        });
        most.ShouldBeLessThanOrEqualTo(7);
        Enumerable.Range(0, 10).Count(_ => places.TryTake("a", "1") is null).ShouldBe(7);

        static void InterlockedMax(ref int most, int value)
        {
            int before;
            while ((before = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, before) != before)
            {
            }
        }
    }
}
