using System.Security.Cryptography;
using System.Text;
using Mailbox.Mailboxes;

namespace Mailbox.Access;

/// <summary>The keys of backends. Only their hashes are known here: a key has 256 random bits, so a plain hash cannot be searched.</summary>
internal sealed class ApiKeys(IEnumerable<ApiKeyOptions> keys)
{
    /// <summary>Begins every key, so that it is told from a token, and found where it leaked.</summary>
    public const string Prefix = "mbk_";

    private readonly List<(byte[] Hash, Caller Caller)> _keys =
    [
        .. keys.Select(key => (
            Convert.FromHexString(key.Hash),
            new Caller(new Grant(key.Name, [], null, DateTimeOffset.MaxValue), Rights.Of(key.Scopes.Select(Rights.Split))))),
    ];

    /// <summary>Looks at every key, and at all of each, whichever fits.</summary>
    public Caller? Find(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        Caller? found = null;
        foreach (var (known, caller) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, known))
            {
                found = caller;
            }
        }

        return found;
    }
}
