using System.Buffers;
using Mailbox.Contracts;

namespace Mailbox.Mailboxes;

/// <summary>
/// What the parts of a message may be. Held at every door: by REST before storing, by the function in Lua, and again
/// when an entry is read, as anyone may write to the list by hand.
/// </summary>
internal static class MessageRules
{
    public const int MaxTypeLength = 128;
    public const int MaxContentTypeLength = 256;

    /// <summary>RFC 8030 section 5.4: at most 32 characters of the URL-safe base64 alphabet.</summary>
    public const int MaxTopicLength = 32;

    public const int MaxIdempotencyKeyLength = 128;

    private static readonly SearchValues<char> TypeCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-");

    private static readonly SearchValues<char> TopicCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>A type becomes the event's name on SSE, so it must not take one that means something there.</summary>
    public static bool IsType(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxTypeLength && !text.ContainsAnyExcept(TypeCharacters) &&
        text is not ("open" or "error" or "message") && !text.StartsWith(ControlEvents.Prefix, StringComparison.Ordinal);

    public static bool IsContentType(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxContentTypeLength && !text.ContainsAnyExceptInRange(' ', '~');

    public static bool IsTopic(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxTopicLength && !text.ContainsAnyExcept(TopicCharacters);

    public static bool IsIdempotencyKey(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxIdempotencyKeyLength && !text.ContainsAnyExceptInRange('!', '~');
}
