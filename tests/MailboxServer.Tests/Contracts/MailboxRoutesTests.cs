using Mailbox.Contracts;

namespace MailboxServer.Tests.Contracts;

public class MailboxRoutesTests
{
    [Fact]
    public void For_NameAndId_FillsTheTemplateThatTheServerRoutes()
    {
        MailboxRoutes.ForMailbox("a~b").ShouldBe(Fill(MailboxRoutes.Mailbox));
        MailboxRoutes.ForMessages("a~b").ShouldBe(Fill(MailboxRoutes.Messages));
        MailboxRoutes.ForMessage("a~b", "0123456789abcdef-7").ShouldBe(Fill(MailboxRoutes.Message));
        MailboxRoutes.ForAck("a~b").ShouldBe(Fill(MailboxRoutes.Ack));
        MailboxRoutes.ForInfo("a~b").ShouldBe(Fill(MailboxRoutes.Info));
        MailboxRoutes.ForReceiver("a~b").ShouldBe(Fill(MailboxRoutes.Receiver));
    }

    private static string Fill(string template) =>
        template.Replace("{mailbox}", "a~b", StringComparison.Ordinal)
            .Replace("{id}", "0123456789abcdef-7", StringComparison.Ordinal);
}
