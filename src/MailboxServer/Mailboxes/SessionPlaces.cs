using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Mailbox.Mailboxes;

/// <summary>What a text is that should be the places of a list.</summary>
internal enum PlacesFault
{
    None,
    NotPlaces,
    OtherList,
}

/// <summary>
/// A receiver's places in all mailboxes of a list, in one text that is opaque to clients: base64url of the form (3), a hash of
/// the list, the receiver, and for each mailbox its sequence with a bit that says whether it is over, as a variable-length
/// number (7 bits a byte, least first), the generation and the check: at most 31 characters a mailbox, 24 while it is young.
/// </summary>
internal sealed class SessionPlaces
{
    /// <summary>With more, the places would not pass as a header.</summary>
    public const int MostMailboxes = 100;

    private const byte Form = 3;
    private const int HeadSize = 17;
    private const int MostNumberSize = 7; // 49 bits; the highest sequence has 47
    private const int MostPlaceSize = MostNumberSize + 16;

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly ulong _list;
    private readonly Place[] _places;
    private readonly byte[] _bytes;
    private readonly byte[] _text;
    private int _untold;

    private SessionPlaces(ulong list, int count, Identifier receiver)
    {
        _list = list;
        _places = new Place[count];
        _bytes = new byte[SizeOf(count)];
        _text = new byte[Base64Url.GetEncodedLength(_bytes.Length)];
        _untold = count;
        Receiver = receiver;
    }

    /// <summary>One for all of them.</summary>
    public Identifier Receiver { get; }

    public int Count => _places.Length;

    /// <summary>The client was told of every mailbox: with less, it could not come back to all of them.</summary>
    public bool IsComplete => _untold == 0;

    /// <summary>For a receiver that has no places yet. The order of the mailboxes counts.</summary>
    public static SessionPlaces Begin(IReadOnlyList<string> mailboxes, Identifier receiver) => new(HashOf(mailboxes), mailboxes.Count, receiver);

    public static PlacesFault TryParse(string text, IReadOnlyList<string> mailboxes, out SessionPlaces? places)
    {
        places = null;
        if (!TryDecode(text, out var bytes) || bytes.Length < HeadSize || bytes[0] != Form)
        {
            return PlacesFault.NotPlaces;
        }

        var list = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(1));
        if (list != HashOf(mailboxes))
        {
            return PlacesFault.OtherList;
        }

        var read = new SessionPlaces(list, mailboxes.Count, ReadIdentifier(bytes.AsSpan(9)));
        if (read.Receiver.IsNone || !read.TryRead(bytes.AsSpan(HeadSize)))
        {
            return PlacesFault.NotPlaces;
        }

        places = read;
        return PlacesFault.None;
    }

    public Cursor CursorAt(int index) => new(_places[index].Position, Receiver, _places[index].IsOver);

    /// <summary>The client is being told of what stands up to here.</summary>
    public void Move(int index, Position position) => Tell(index, _places[index].IsOver, position);

    /// <summary>The client is being told that another receiver took the mailbox over.</summary>
    public void End(int index) => Tell(index, isOver: true, _places[index].Position);

    /// <summary>ASCII; good until the next call.</summary>
    public ReadOnlySpan<byte> Text()
    {
        _bytes[0] = Form;
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(1), _list);
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(9), Receiver.Value);
        var length = HeadSize;
        foreach (ref readonly var place in _places.AsSpan())
        {
            length += WriteNumber(_bytes.AsSpan(length), ((ulong)place.Position.Sequence << 1) | (place.IsOver ? 1UL : 0));
            BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(length), place.Position.Generation.Value);
            BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(length + 8), place.Position.Check.Value);
            length += 16;
        }

        return _text.AsSpan(0, Base64Url.EncodeToUtf8(_bytes.AsSpan(0, length), _text));
    }

    public override string ToString() => Encoding.ASCII.GetString(Text());

    private static int SizeOf(int count) => HeadSize + (count * MostPlaceSize);

    private static ulong HashOf(IEnumerable<string> mailboxes) => // a name has no line end
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', mailboxes))));

    private void Tell(int index, bool isOver, Position position)
    {
        ref var place = ref _places[index];
        _untold -= place.IsTold ? 0 : 1;
        place = new Place(position, isOver, IsTold: true);
    }

    private bool TryRead(ReadOnlySpan<byte> bytes)
    {
        foreach (ref var place in _places.AsSpan())
        {
            if (!TryReadNumber(ref bytes, out var number) || bytes.Length < 16 || (long)(number >> 1) > MessageId.MaxSequence)
            {
                return false;
            }

            var position = new Position(ReadIdentifier(bytes), (long)(number >> 1), ReadIdentifier(bytes[8..]));
            var isOver = (number & 1) == 1;
            if (position.Generation.IsNone && !isOver)
            {
                return false;
            }

            place = new Place(position, isOver, IsTold: false);
            bytes = bytes[16..];
        }

        return bytes.IsEmpty;
    }

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length > Base64Url.GetEncodedLength(SizeOf(MostMailboxes)) || text.AsSpan().ContainsAnyExcept(Letters) || !Base64Url.IsValid(text))
        {
            return false;
        }

        bytes = Base64Url.DecodeFromChars(text);
        return true;
    }

    private static int WriteNumber(Span<byte> destination, ulong number)
    {
        var length = 0;
        for (; number > 0x7F; number >>= 7)
        {
            destination[length++] = (byte)(number | 0x80);
        }

        destination[length++] = (byte)number;
        return length;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> bytes, out ulong number)
    {
        number = 0;
        for (var i = 0; i < Math.Min(MostNumberSize, bytes.Length); i++)
        {
            number |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private static Identifier ReadIdentifier(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes));

    private readonly record struct Place(Position Position, bool IsOver, bool IsTold);
}
