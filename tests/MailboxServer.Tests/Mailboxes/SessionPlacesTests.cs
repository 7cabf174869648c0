using System.Buffers.Text;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public class SessionPlacesTests
{
    private static readonly string[] Two = ["alice", "bob"];

    [Fact]
    public void ToString_RandomPlaces_ParseToTheSame()
    {
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var mailboxes = ListOf(random.Next(1, SessionPlaces.MostMailboxes + 1));
            var places = RandomPlaces(random, mailboxes, random.NextInt64(1, MessageId.MaxSequence + 2));
            SessionPlaces.TryParse(places.ToString(), mailboxes, out var parsed).ShouldBe(PlacesFault.None);
            parsed!.Receiver.ShouldBe(places.Receiver);
            parsed.Count.ShouldBe(mailboxes.Length);
            for (var index = 0; index < mailboxes.Length; index++) parsed.CursorAt(index).ShouldBe(places.CursorAt(index));
        }
    }

    [Fact]
    public void Text_AHundredMailboxes_FitsAHeaderOfEveryProxy()
    {
        var mailboxes = ListOf(SessionPlaces.MostMailboxes);
        RandomPlaces(new Random(2), mailboxes, 8_000).ToString().Length.ShouldBeLessThan(2_500);
        var oldest = RandomPlaces(new Random(2), mailboxes, 1);
        for (var i = 0; i < mailboxes.Length; i++) oldest.Move(i, oldest.CursorAt(i).Position with { Sequence = MessageId.MaxSequence });
        oldest.ToString().Length.ShouldBeLessThan(3_100);
        SessionPlaces.TryParse(oldest.ToString(), mailboxes, out _).ShouldBe(PlacesFault.None);
    }

    [Fact]
    public void IsComplete_OnceEachMailboxWasTold()
    {
        var places = SessionPlaces.Begin(Two, Sample.Receiver);
        places.IsComplete.ShouldBeFalse();
        places.Move(0, Sample.Place(1));
        places.Move(0, Sample.Place(2));
        places.IsComplete.ShouldBeFalse();
        places.End(1);
        places.IsComplete.ShouldBeTrue();
        (places.CursorAt(0).IsTerminal, places.CursorAt(1).IsTerminal).ShouldBe((false, true));
        places.End(0);
        places.CursorAt(0).ShouldBe(new Cursor(Sample.Place(2), Sample.Receiver, IsTerminal: true));
    }

    [Fact]
    public void TryParse_OfAnotherList_OtherList()
    {
        var text = Given().ToString();
        foreach (var other in new string[][] { ["bob", "alice"], ["alice"], ["alice", "bob", "carol"], ["alice", "carol"] })
        {
            SessionPlaces.TryParse(text, other, out _).ShouldBe(PlacesFault.OtherList);
        }
    }

    [Fact]
    public void TryParse_CutAnywhereOrGrown_NotPlaces()
    {
        var text = Given().ToString();
        for (var length = 0; length < text.Length; length++) SessionPlaces.TryParse(text[..length], Two, out _).ShouldNotBe(PlacesFault.None);
        foreach (var tail in new[] { "A", "AAAA", "=", " ", "\n", "\0" }) SessionPlaces.TryParse(text + tail, Two, out _).ShouldBe(PlacesFault.NotPlaces);
        SessionPlaces.TryParse(new string('A', 100_000), Two, out _).ShouldBe(PlacesFault.NotPlaces);
    }

    [Fact]
    public void TryParse_AnyByteChanged_NeverThrowsAndTellsItsListAndForm()
    {
        var bytes = Base64Url.DecodeFromChars(Given().ToString());
        for (var i = 0; i < bytes.Length; i++)
        {
            foreach (byte value in new byte[] { 0, 0x7F, 0x80, 0xFF })
            {
                var changed = (byte[])bytes.Clone();
                changed[i] = value;
                var fault = SessionPlaces.TryParse(Base64Url.EncodeToString(changed), Two, out _);
                if (value != bytes[i] && i == 0) fault.ShouldBe(PlacesFault.NotPlaces);
                if (value != bytes[i] && i is > 0 and <= 8) fault.ShouldBe(PlacesFault.OtherList);
            }
        }
    }

    [Fact]
    public void TryParse_SequenceBeyondTheHighestOrNoReceiver_NotPlaces()
    {
        var beyond = Given();
        beyond.Move(0, Sample.Place(1) with { Sequence = MessageId.MaxSequence + 1 });
        SessionPlaces.TryParse(beyond.ToString(), Two, out _).ShouldBe(PlacesFault.NotPlaces);
        var nobody = SessionPlaces.Begin(Two, Identifier.None);
        nobody.Move(0, Sample.Place(1));
        nobody.Move(1, Sample.Place(1));
        SessionPlaces.TryParse(nobody.ToString(), Two, out _).ShouldBe(PlacesFault.NotPlaces);
        SessionPlaces.TryParse(SessionPlaces.Begin(Two, Sample.Receiver).ToString(), Two, out _).ShouldBe(PlacesFault.NotPlaces);
    }

    private static SessionPlaces Given()
    {
        var places = SessionPlaces.Begin(Two, Sample.Receiver);
        places.Move(0, Sample.Place(7));
        places.Move(1, Sample.Place(3_000));
        return places;
    }

    private static string[] ListOf(int count) => [.. Enumerable.Range(0, count).Select(i => $"mailbox-{i}")];

    private static SessionPlaces RandomPlaces(Random random, string[] mailboxes, long beyond)
    {
        var places = SessionPlaces.Begin(mailboxes, new Identifier((ulong)random.NextInt64(1, long.MaxValue)));
        for (var i = 0; i < mailboxes.Length; i++)
        {
            places.Move(i, new Position(Next(), random.NextInt64(0, beyond), Next()));
            if (random.Next(5) == 0) places.End(i);
        }

        return places;

        Identifier Next() => new((ulong)random.NextInt64(1, long.MaxValue));
    }
}
