namespace Mailbox.TestKit;

/// <summary>An event as an EventSource would dispatch it.</summary>
/// <param name="Type">The <c>event:</c> field; empty when there was none.</param>
/// <param name="Data">The <c>data:</c> lines joined by line feeds.</param>
/// <param name="LastEventId">The newest <c>id:</c> of the stream, also from an earlier event.</param>
public sealed record SseEvent(string Type, string Data, string LastEventId);
