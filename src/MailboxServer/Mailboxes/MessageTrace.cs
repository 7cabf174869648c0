using System.Diagnostics;

namespace Mailbox.Mailboxes;

/// <summary>A trace context as it travels with a message (W3C Trace Context): <c>traceparent</c>, and <c>tracestate</c> if there is one.</summary>
internal sealed record MessageTrace(string Parent, string? State)
{
    /// <summary>Enough for every system that follows the standard, which asks for as much at least.</summary>
    private const int MaxStateLength = 512;

    /// <summary>Null when there is none, it is not valid, or nobody records it: then it would only take room.</summary>
    public static MessageTrace? Parse(string? parent, string? state) =>
        ActivityContext.TryParse(parent, state, isRemote: true, out var context) ? Of(context) : null;

    public static MessageTrace? Of(ActivityContext context) =>
        (context.TraceFlags & ActivityTraceFlags.Recorded) == 0 || context == default
            ? null
            : new MessageTrace($"00-{context.TraceId}-{context.SpanId}-01", IsState(context.TraceState) ? context.TraceState : null);

    public ActivityContext ToContext() => ActivityContext.TryParse(Parent, State, isRemote: true, out var context) ? context : default;

    private static bool IsState(string? state) =>
        state is { Length: > 0 and <= MaxStateLength } && state.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;
}
