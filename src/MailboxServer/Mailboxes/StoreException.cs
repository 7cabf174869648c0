namespace Mailbox.Mailboxes;

internal enum StoreFault
{
    /// <summary>No answer in time, or a passing refusal (failover, loading). Whether the call took effect is unknown.</summary>
    Unavailable,

    /// <summary>Out of memory: nothing was stored.</summary>
    Full,

    /// <summary>A key has another type than the contract names: nothing was stored.</summary>
    Conflict,

    /// <summary>The mailbox's tenant has as many mailboxes or bytes as it may: nothing was stored.</summary>
    TenantFull,
}

/// <summary>The store did not do what it was asked.</summary>
internal sealed class StoreException(StoreFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public StoreFault Fault { get; } = fault;
}
