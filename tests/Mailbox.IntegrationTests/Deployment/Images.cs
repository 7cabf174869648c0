namespace Mailbox.IntegrationTests.Deployment;

internal static class Images
{
    /// <summary>It names a version, and so is the same tomorrow.</summary>
    public static bool IsCertain(string image)
    {
        var tag = image[(image.LastIndexOf('/') + 1)..].Split(':', 2).ElementAtOrDefault(1);
        return tag is not null && tag != "latest" && tag.Any(char.IsAsciiDigit);
    }
}
