using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Redis;

/// <summary>
/// The store of a server that limits tenants: what a call would add is counted before, in the tenant's own keys, which are
/// in another slot of a cluster than the mailbox's. See decision 0008.
/// </summary>
internal sealed class TenantStore(IMailboxStore store, TenantCounts counts) : IMailboxStore
{
    /// <summary>About what an entry holds beside its body.</summary>
    private const int BesideBody = 128;

    public async ValueTask<Delivered> DeliverAsync(string mailbox, Delivery delivery, CancellationToken cancellation)
    {
        var bytes = delivery.Body.Length + BesideBody;
        var isNew = await counts.ReserveAsync(mailbox, bytes, cancellation);
        Delivered delivered;
        try
        {
            delivered = await store.DeliverAsync(mailbox, delivery, cancellation);
        }
        catch (StoreException exception) when (exception.Fault != StoreFault.Unavailable)
        {
            await counts.ReturnAsync(mailbox, bytes, isNew);
            throw;
        }

        if (delivered.Outcome != DeliveryOutcome.Stored)
        {
            await counts.ReturnAsync(mailbox, bytes, isNew && delivered.Outcome == DeliveryOutcome.Absent);
        }

        return delivered;
    }

    public async ValueTask<Opened> OpenAsync(string mailbox, OpenRequest request, CancellationToken cancellation)
    {
        if (!request.IsReopen)
        {
            await counts.ReserveAsync(mailbox, 0, cancellation);
        }

        return await store.OpenAsync(mailbox, request, cancellation);
    }

    public async ValueTask<bool> ConfigureAsync(string mailbox, MailboxSettings settings, CancellationToken cancellation)
    {
        await counts.ReserveAsync(mailbox, 0, cancellation);
        return await store.ConfigureAsync(mailbox, settings, cancellation);
    }

    public async ValueTask<bool> RemoveAsync(string mailbox, CancellationToken cancellation)
    {
        var isRemoved = await store.RemoveAsync(mailbox, cancellation);
        await counts.ReturnAsync(mailbox, 0, isGone: true);
        return isRemoved;
    }

    public ValueTask<Taken> TakeAsync(string mailbox, TakeRequest request, CancellationToken cancellation) =>
        store.TakeAsync(mailbox, request, cancellation);

    public ValueTask<AckOutcome> AckAsync(string mailbox, Cursor cursor, CancellationToken cancellation) =>
        store.AckAsync(mailbox, cursor, cancellation);

    public ValueTask LeaveAsync(string mailbox, LeaveRequest request, CancellationToken cancellation) =>
        store.LeaveAsync(mailbox, request, cancellation);

    public ValueTask<Peeked> PeekAsync(string mailbox, PeekRequest request, CancellationToken cancellation) =>
        store.PeekAsync(mailbox, request, cancellation);

    public ValueTask<bool> TakeBackAsync(string mailbox, MessageId id, CancellationToken cancellation) =>
        store.TakeBackAsync(mailbox, id, cancellation);

    public ValueTask<MailboxInfo?> GetInfoAsync(string mailbox, CancellationToken cancellation) =>
        store.GetInfoAsync(mailbox, cancellation);

    public ValueTask<bool> DismissAsync(string mailbox, CancellationToken cancellation) =>
        store.DismissAsync(mailbox, cancellation);

    public ValueTask<MailboxList> ListAsync(string prefix, string? cursor, CancellationToken cancellation) =>
        store.ListAsync(prefix, cursor, cancellation);
}
