namespace Mailbox.IntegrationTests;

/// <summary>The keys of a mailbox, spelt out as the Redis contract does: not taken from the server's code.</summary>
internal static class Keys
{
    public static string HashOf(string mailbox) => $"mailbox:{{{mailbox}}}";

    public static string ListOf(string mailbox) => $"mailbox:{{{mailbox}}}:messages";

    public static string IndexOf(string mailbox) => $"mailbox:{{{mailbox}}}:index";

    public static string OpenListOf(string id) => $"mailbox:~open:{id}";

    public static string WakeOf(string mailbox) => $"mailbox:{{{mailbox}}}:wake";
}
