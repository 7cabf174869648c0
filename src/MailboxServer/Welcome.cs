namespace Mailbox;

/// <summary>What a newcomer types next.</summary>
internal static class Welcome
{
    public static void Print(string? url, string? engine)
    {
        url ??= "http://127.0.0.1:8080";
        Console.WriteLine($"""

            Mailbox is up on {url}{(engine is null ? "" : $" (embedded {engine}: nothing is kept when it stops)")}

              open     curl -N {url}/v1/mailboxes/alice
              deliver  curl -d 'hello alice' {url}/v1/mailboxes/alice/messages

            """);
    }
}
