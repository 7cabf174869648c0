using Mailbox.Contracts;

namespace Mailbox.Endpoints;

/// <summary>The calls of groups, and what each says of itself.</summary>
internal static class GroupApi
{
    private static readonly (int, string) GroupFull = (507, "The group or Redis is full; nothing was stored.");

    public static void Map(IServiceProvider services, Action<string, string, string, RequestDelegate, ApiDescription> map)
    {
        var group = services.GetRequiredService<GroupEndpoint>();
        var deliver = services.GetRequiredService<GroupDeliverEndpoint>();

        map("PUT", MailboxRoutes.GroupMember, "join", group.JoinAsync,
            new ApiDescription("Make a mailbox a member of a group.")
                .Header(MailboxHeaders.TimeToLive, "Seconds that it is one. Default: until it leaves.")
                .Answers<GroupMember>(201, "It is a member now.").Answers<GroupMember>(200, "It was one, and is one until the new end.")
                .Refuses(MailboxApi.BadRequest, MailboxApi.Forbidden, MailboxApi.StoreAway, GroupFull));
        map("DELETE", MailboxRoutes.GroupMember, "leave", group.LeaveAsync,
            new ApiDescription("Take a mailbox out of a group.")
                .Answers(204, "It is no member.").Refuses(MailboxApi.BadRequest, MailboxApi.Forbidden, MailboxApi.StoreAway));
        map("GET", MailboxRoutes.Groups, "groups", group.ListAsync,
            new ApiDescription("List groups.")
                .Query("prefix", "The beginning of the names.").Query("cursor", "From the page before.")
                .Answers<GroupList>(200, "A page of names, in no order; one may come twice.")
                .Refuses(MailboxApi.BadRequest, MailboxApi.Forbidden, MailboxApi.StoreAway));
        map("GET", MailboxRoutes.Group, "group", group.ReadAsync,
            new ApiDescription("A group, and a page of its members.")
                .Query("cursor", "From the page before.").Query("limit", "About how many members: 1 to 1000; default 100.")
                .Answers<GroupInfo>(200, "The group. Members come in no order; one may come twice.")
                .Refuses(MailboxApi.BadRequest, MailboxApi.Forbidden, (404, "There is no such group."), MailboxApi.StoreAway));
        map("DELETE", MailboxRoutes.Group, "removeGroup", group.RemoveAsync,
            new ApiDescription("Remove a group, with what has not reached its members yet.")
                .Answers(204, "It is gone.").Refuses(MailboxApi.BadRequest, MailboxApi.Forbidden, MailboxApi.StoreAway));
        map("POST", MailboxRoutes.GroupMessages, "deliverToGroup", deliver.HandleAsync,
            new ApiDescription("Deliver the body, as it is, into the mailboxes of all members of a group.")
                .Header(MailboxHeaders.Type, "The message's type: 1 to 128 of A-Z a-z 0-9 . _ ~ -.")
                .Header(MailboxHeaders.TimeToLive, "Seconds; 0: only where a receiver is present.")
                .Header(MailboxHeaders.Topic, "Replaces an older delivery of the same topic that waits, and in each mailbox an unsent older message.")
                .Header(MailboxHeaders.IdempotencyKey, "A retry with the same key does not deliver twice.")
                .Header("Prefer", "respond-async: the answer does not wait for the members.")
                .Query("details", "true: each member's result is kept, and told when it is over.")
                .TakesAnything()
                .Answers<GroupDelivery>(200, "It is over: what it came to.")
                .Answers<GroupDelivery>(202, "Stored; it goes on, as the Location tells.")
                .Refuses(MailboxApi.BadRequest, MailboxApi.Forbidden, MailboxApi.TooSlow, MailboxApi.TooLarge, MailboxApi.BadEncoding,
                    (422, "The idempotency key came before with another body."), MailboxApi.TooFast, MailboxApi.StoreAway, GroupFull));
        map("GET", MailboxRoutes.GroupDelivery, "groupDelivery", deliver.ReadAsync,
            new ApiDescription("How far a delivery to a group is, and what it came to.")
                .Query("details", "true: with a page of members' results, if they were asked for with the delivery.")
                .Query("cursor", "From the page before.")
                .Answers<GroupDelivery>(200, "How far it is.")
                .Refuses(MailboxApi.BadRequest, MailboxApi.Forbidden, (404, "There is no such delivery, or it is forgotten."), MailboxApi.StoreAway));
    }
}
