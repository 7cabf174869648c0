using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>
/// Carries one session's events to its client until either ends; returns the last one. Does not dispose the session.
/// </summary>
internal interface ITransport
{
    Task<SessionEventKind> RunAsync(HttpContext http, Session session);
}
