using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>
/// Carries the events of a session, or of several, to the client until either ends; returns the last one. Disposes nothing.
/// </summary>
internal interface ITransport<in TSource>
    where TSource : IEventSource
{
    Task<SessionEventKind> RunAsync(HttpContext http, TSource source);
}
