namespace Mailbox.Contracts;

/// <summary>The paths of the HTTP interface, version 1.</summary>
public static class MailboxRoutes
{
    /// <summary>Base path of every call.</summary>
    public const string Base = "/v1";

    /// <summary>List mailboxes.</summary>
    public const string Mailboxes = Base + "/mailboxes";

    /// <summary>One mailbox: open, create, remove.</summary>
    public const string Mailbox = Mailboxes + "/{mailbox}";

    /// <summary>Deliver and peek.</summary>
    public const string Messages = Mailbox + "/messages";

    /// <summary>One message: read it, take it back.</summary>
    public const string Message = Messages + "/{id}";

    /// <summary>Acknowledge.</summary>
    public const string Ack = Mailbox + "/ack";

    /// <summary>The state of one mailbox.</summary>
    public const string Info = Mailbox + "/info";

    /// <summary>The mailbox's receiver: close it.</summary>
    public const string Receiver = Mailbox + "/receiver";

    /// <summary>Open several mailboxes on one connection.</summary>
    public const string OpenMany = Base + "/open";

    /// <summary>Keep a list of mailboxes to be opened.</summary>
    public const string Opens = Base + "/opens";

    /// <summary>Deliver to many.</summary>
    public const string DeliverMany = Base + "/messages";

    /// <summary>The nodes that are alive.</summary>
    public const string Nodes = Base + "/nodes";

    /// <summary>Tickets: for clients that can send no header.</summary>
    public const string Tickets = Base + "/tickets";

    /// <summary>The cookie that carries a browser's token.</summary>
    public const string Cookie = Base + "/cookie";

    /// <summary>What ends before its time.</summary>
    public const string Revocations = Base + "/revocations";

    /// <summary>List groups.</summary>
    public const string Groups = Base + "/groups";

    /// <summary>One group: look, remove.</summary>
    public const string Group = Groups + "/{group}";

    /// <summary>A mailbox in a group: join, leave.</summary>
    public const string GroupMember = Group + "/members/{mailbox}";

    /// <summary>Deliver to all members.</summary>
    public const string GroupMessages = Group + "/messages";

    /// <summary>What became of a delivery to all members.</summary>
    public const string GroupDelivery = Group + "/deliveries/{delivery}";

    /// <summary>The path of one mailbox. Valid names need no escaping.</summary>
    public static string ForMailbox(string mailbox) => $"{Mailboxes}/{mailbox}";

    /// <summary>The path that delivers into one mailbox.</summary>
    public static string ForMessages(string mailbox) => $"{Mailboxes}/{mailbox}/messages";

    /// <summary>The path of one message.</summary>
    public static string ForMessage(string mailbox, string id) => $"{Mailboxes}/{mailbox}/messages/{id}";

    /// <summary>The path that acknowledges.</summary>
    public static string ForAck(string mailbox) => $"{Mailboxes}/{mailbox}/ack";

    /// <summary>The path of the mailbox's state.</summary>
    public static string ForInfo(string mailbox) => $"{Mailboxes}/{mailbox}/info";

    /// <summary>The path of the mailbox's receiver.</summary>
    public static string ForReceiver(string mailbox) => $"{Mailboxes}/{mailbox}/receiver";

    /// <summary>The path of one group.</summary>
    public static string ForGroup(string group) => $"{Groups}/{group}";

    /// <summary>The path of a mailbox in a group.</summary>
    public static string ForGroupMember(string group, string mailbox) => $"{ForGroup(group)}/members/{mailbox}";

    /// <summary>The path that delivers to all members.</summary>
    public static string ForGroupMessages(string group) => $"{ForGroup(group)}/messages";

    /// <summary>The path of one delivery to a group.</summary>
    public static string ForGroupDelivery(string group, string id) => $"{ForGroup(group)}/deliveries/{id}";
}
