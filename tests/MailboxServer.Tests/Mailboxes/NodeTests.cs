using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public class NodeTests
{
    [Fact]
    public void BecomeReady_WhileItDrains_ItGoesOnDraining()
    {
        var node = new Node();
        node.BeginDrain();
        node.BecomeReady();
        node.State.ShouldBe(NodeState.Draining);
    }
}
