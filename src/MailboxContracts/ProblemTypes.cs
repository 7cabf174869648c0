namespace Mailbox.Contracts;

/// <summary>Stable values of a problem's <c>type</c> (RFC 9457 section 3.1.1).</summary>
public static class ProblemTypes
{
    /// <summary>Begins every type.</summary>
    public const string Prefix = "urn:mailbox:problem:";

    /// <summary>400: the request's target is not one the server routes (dot segment, encoded slash, control character).</summary>
    public const string InvalidTarget = Prefix + "invalid-target";

    /// <summary>400: not a mailbox name.</summary>
    public const string InvalidName = Prefix + "invalid-name";

    /// <summary>400: a query parameter's value.</summary>
    public const string InvalidParameter = Prefix + "invalid-parameter";

    /// <summary>400: a header's value.</summary>
    public const string InvalidHeader = Prefix + "invalid-header";

    /// <summary>400: a body that is not what the call takes.</summary>
    public const string InvalidBody = Prefix + "invalid-body";

    /// <summary>400: not a cursor.</summary>
    public const string InvalidCursor = Prefix + "invalid-cursor";

    /// <summary>400: a cursor of another list of mailboxes.</summary>
    public const string CursorOfAnotherList = Prefix + "cursor-of-another-list";

    /// <summary>401: no proof of who calls, or one that does not hold.</summary>
    public const string Unauthorized = Prefix + "unauthorized";

    /// <summary>403: not the caller's to do, or the name is the system's own.</summary>
    public const string Forbidden = Prefix + "forbidden";

    /// <summary>403: a page of another origin calls.</summary>
    public const string ForeignOrigin = Prefix + "foreign-origin";

    /// <summary>404: no such path.</summary>
    public const string NotFound = Prefix + "not-found";

    /// <summary>404: no such mailbox.</summary>
    public const string MailboxNotFound = Prefix + "mailbox-not-found";

    /// <summary>404: no such message, or it has left.</summary>
    public const string MessageNotFound = Prefix + "message-not-found";

    /// <summary>404: no such group: nobody is its member, and nothing waits in its outbox.</summary>
    public const string GroupNotFound = Prefix + "group-not-found";

    /// <summary>404: no such delivery to the group, or it is forgotten.</summary>
    public const string DeliveryNotFound = Prefix + "delivery-not-found";

    /// <summary>404: no such list of mailboxes is kept: it was opened, or its time is over.</summary>
    public const string ListNotFound = Prefix + "list-not-found";

    /// <summary>405: the path does not take this method.</summary>
    public const string MethodNotAllowed = Prefix + "method-not-allowed";

    /// <summary>406: nothing that the Accept header allows.</summary>
    public const string NotAcceptable = Prefix + "not-acceptable";

    /// <summary>408: the request's body came too slowly.</summary>
    public const string RequestTimeout = Prefix + "request-timeout";

    /// <summary>409: another receiver has the mailbox.</summary>
    public const string NotReceiver = Prefix + "not-receiver";

    /// <summary>409: the acknowledged position was never sent.</summary>
    public const string BeyondSent = Prefix + "beyond-sent";

    /// <summary>409: the position does not hold any more.</summary>
    public const string StaleCursor = Prefix + "stale-cursor";

    /// <summary>409: what Redis holds of the mailbox is not what the contract names: a key's type, or a field of the hash.</summary>
    public const string StoreConflict = Prefix + "store-conflict";

    /// <summary>413: the body is over the limit.</summary>
    public const string TooLarge = Prefix + "too-large";

    /// <summary>415: a Content-Encoding or Content-Type that the call does not take.</summary>
    public const string UnsupportedMediaType = Prefix + "unsupported-media-type";

    /// <summary>422: the idempotency key came before with another body.</summary>
    public const string IdempotencyConflict = Prefix + "idempotency-conflict";

    /// <summary>429: the caller opens or delivers too fast, or it or its address holds as many streams as it may.</summary>
    public const string TooManyRequests = Prefix + "too-many-requests";

    /// <summary>503: this node holds as many streams, or bytes of bodies, as it may; another may have room.</summary>
    public const string TooMany = Prefix + "too-many";

    /// <summary>500: a fault of the server.</summary>
    public const string Internal = Prefix + "internal";

    /// <summary>502: a backend does not take connections, or hung up before it answered.</summary>
    public const string BackendUnreachable = Prefix + "backend-unreachable";

    /// <summary>502: a backend's answer broke off.</summary>
    public const string BackendBroken = Prefix + "backend-broken";

    /// <summary>502: what a backend answered for mailboxes is over the limit of a message.</summary>
    public const string BackendTooLarge = Prefix + "backend-too-large";

    /// <summary>502: a header of a backend's answer says for mailboxes what it may not.</summary>
    public const string BackendHeader = Prefix + "backend-header";

    /// <summary>502: a backend names a mailbox that its route may not deliver to.</summary>
    public const string BackendDeliveryRefused = Prefix + "backend-delivery-refused";

    /// <summary>504: a backend was silent for too long.</summary>
    public const string BackendTimeout = Prefix + "backend-timeout";

    /// <summary>503: the node goes away; another takes the call.</summary>
    public const string Draining = Prefix + "draining";

    /// <summary>503: Redis did not answer in time. Whether a delivery was stored is unknown: retry with an idempotency key.</summary>
    public const string StoreUnavailable = Prefix + "store-unavailable";

    /// <summary>503: the authority that issues tokens does not answer.</summary>
    public const string AuthorityUnavailable = Prefix + "authority-unavailable";

    /// <summary>507: the mailbox is full.</summary>
    public const string MailboxFull = Prefix + "mailbox-full";

    /// <summary>507: the group has as many members as it may, or its outbox is full.</summary>
    public const string GroupFull = Prefix + "group-full";

    /// <summary>507: the tenant (the name up to its first dot) holds as many mailboxes or bytes as it may.</summary>
    public const string TenantFull = Prefix + "tenant-full";

    /// <summary>507: Redis has no memory left.</summary>
    public const string StoreFull = Prefix + "store-full";
}
