using Microsoft.Extensions.Logging;

namespace Mailbox.Client.Diagnostics;

/// <summary>What the client logs. A mailbox's name may be a person's, so a receiver is named by its own random identity.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(1, LogLevel.Debug, "Receiver {Receiver} is open at {Address}.")]
    public static partial void Opened(ILogger logger, string receiver, Uri address);

    [LoggerMessage(2, LogLevel.Information, "Receiver {Receiver} lost its connection to {Address} and comes back in {Seconds:0.0} s: {Reason}")]
    public static partial void Lost(ILogger logger, string receiver, Uri address, double seconds, string reason);

    [LoggerMessage(3, LogLevel.Error, "Receiver {Receiver} has ended: {Reason}")]
    public static partial void Failed(ILogger logger, string receiver, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Receiver {Receiver} was told: {Event}")]
    public static partial void Told(ILogger logger, string receiver, string @event);

    [LoggerMessage(5, LogLevel.Debug, "An acknowledgement of receiver {Receiver} was not taken: {Reason}")]
    public static partial void NotAcknowledged(ILogger logger, string receiver, string reason);

    [LoggerMessage(6, LogLevel.Error, "What listens to receiver {Receiver} threw.")]
    public static partial void ListenerFailed(ILogger logger, Exception exception, string receiver);

    [LoggerMessage(7, LogLevel.Debug, "A delivery is tried again in {Seconds:0.0} s: {Reason}")]
    public static partial void Retrying(ILogger logger, double seconds, string reason);
}
