namespace Mailbox.Redis;

/// <summary>The overflow policies as the contract writes them.</summary>
internal static class OverflowNames
{
    public const string Reject = "reject";
    public const string DropOldest = "dropOldest";

    public static string Of(OverflowPolicy policy) => policy == OverflowPolicy.DropOldest ? DropOldest : Reject;
}
