using Mailbox.Access;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>Who delivers into many, by which path (for the figures), and in which trace.</summary>
internal readonly record struct Deliverer(Caller Caller, string Path, MessageTrace? Trace);
