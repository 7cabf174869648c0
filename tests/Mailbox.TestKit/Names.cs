using System.Security.Cryptography;

namespace Mailbox.TestKit;

/// <summary>Names that no other test has, so that tests share one Redis and need not empty it.</summary>
public static class Names
{
    /// <param name="hint">Says in logs and keys whose it is, up to 64 characters of a mailbox name.</param>
    public static string Fresh(string hint = "m")
    {
        var end = RandomNumberGenerator.GetHexString(12, lowercase: true);
        Secrets.WatchFor(end);
        return $"{hint}-{end}";
    }
}
