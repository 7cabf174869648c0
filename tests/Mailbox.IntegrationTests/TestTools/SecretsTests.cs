using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.TestTools;

/// <summary>The look through every node's output would find a secret.</summary>
public class SecretsTests
{
    [Fact]
    public void A_line_with_a_name_or_a_planted_value_is_found()
    {
        string[] bad =
        [
            $"GET /v1/mailboxes/{Names.Fresh("alice")}/messages",
            $"HGET mailbox:{{{Names.Fresh()}}}",
            $"Bearer {Secrets.Plant("token")}",
            Secrets.Plant("body").ToUpperInvariant(),
        ];

        Secrets.FindIn([.. bad, "Node 8efcb5857e3f1ea1 is ready on redis 7.0.15.", "alice-0123456789ab"]).ShouldBe(bad);
    }
}
