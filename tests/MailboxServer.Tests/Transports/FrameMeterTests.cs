using Mailbox.Transports;

namespace MailboxServer.Tests.Transports;

public class FrameMeterTests
{
    private static readonly byte[] Ping = [0x89, 0x80, 1, 2, 3, 4];

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(70_000)]
    public void Count_FramesOfAnySize_InAnyPieces_EachOnce(int size)
    {
        // Its payload is all pings: they must not be counted.
        byte[] head = size switch
        {
            < 126 => [0x82, (byte)(0x80 | size)],
            <= ushort.MaxValue => [0x82, 0x80 | 126, (byte)(size >> 8), (byte)size],
            _ => [0x82, 0x80 | 127, 0, 0, 0, 0, 0, (byte)(size >> 16), (byte)(size >> 8), (byte)size],
        };
        byte[] frame = [.. head, 1, 2, 3, 4, .. Enumerable.Range(0, size).Select(i => Ping[i % Ping.Length])];
        byte[] unmasked = [0x81, 2, 0x89, 0x80];
        foreach (var piece in new[] { 1, 3, 4_096, int.MaxValue })
        {
            // A rate at which next to nothing comes back while this runs: 9 frames pass, and more than 10 do not.
            var meter = new FrameMeter(5);
            foreach (var some in Enumerable.Repeat(frame, 4).Append(unmasked).Append(frame).SelectMany(bytes => bytes).Chunk(piece))
            {
                meter.Count(some);
            }

            meter.Passed.IsCompleted.ShouldBeFalse($"{piece}");
        }
    }

    [Fact]
    public void Count_MoreThanTwiceTheRateAtOnce_Passed()
    {
        var meter = new FrameMeter(1_000);
        for (var i = 0; i < 1_900; i++)
        {
            meter.Count(Ping);
        }

        meter.Passed.IsCompleted.ShouldBeFalse();
        meter.Count([.. Enumerable.Repeat(Ping, 100_000).SelectMany(bytes => bytes)]);
        meter.Passed.IsCompleted.ShouldBeTrue();
    }
}
