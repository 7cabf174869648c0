namespace Mailbox.Contracts;

/// <summary>The answer to a call whose backend answered with many messages.</summary>
/// <param name="Messages">How many messages came.</param>
/// <param name="Delivered">How many deliveries succeeded; a message for three mailboxes is three.</param>
/// <param name="NotDelivered">How many did not.</param>
/// <param name="Refusals">The first hundred of those that did not, in their order.</param>
public sealed record DeliverSplitResponse(
    long Messages, long Delivered, long NotDelivered, IReadOnlyList<DeliverManyResult> Refusals);
