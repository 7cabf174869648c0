using System.Globalization;
using Mailbox.Contracts;
using Mailbox.Endpoints;

namespace Mailbox.Proxy;

/// <summary>What a caller is told when a backend did not answer, or answered for mailboxes what cannot be done.</summary>
internal static class ProxyProblems
{
    private const string Nothing = "Nothing was delivered.";

    public static Problem Unreachable { get; } = new(
        502, ProblemTypes.BackendUnreachable, "The backend does not take the request.", "Whether it saw it is unknown.");

    public static Problem Broken { get; } = new(502, ProblemTypes.BackendBroken, "The backend's answer broke off.", Nothing);

    public static Problem Silent { get; } = new(504, ProblemTypes.BackendTimeout, "The backend was silent for too long.", Nothing);

    public static Problem TooLarge(long limit) => new(
        502, ProblemTypes.BackendTooLarge, "The backend's answer is over the limit of a message.",
        string.Create(CultureInfo.InvariantCulture, $"At most {limit} bytes. {Nothing}"));

    public static Problem Header(string name, string? expected) => new(
        502, ProblemTypes.BackendHeader, $"The header '{name}' of the backend's answer is not valid.", $"{expected} {Nothing}".TrimStart());

    /// <summary>A refusal of the rules that hold for every delivery, told of the backend.</summary>
    public static Problem Of(Problem refusal) => refusal.Type == ProblemTypes.TooLarge
        ? new Problem(502, ProblemTypes.BackendTooLarge, "The backend's answer is over the limit of a message.", $"{refusal.Detail} {Nothing}")
        : new Problem(502, ProblemTypes.BackendHeader, $"Of the backend's answer: {refusal.Title}", $"{refusal.Detail} {Nothing}");

    public static Problem DeliveryRefused { get; } = new(
        502, ProblemTypes.BackendDeliveryRefused, "The backend names a mailbox that its route may not deliver to.", Nothing);

    public static Problem TooManyRequests => new(503, ProblemTypes.TooMany, "This node forwards as many requests as it may.")
    { RetryAfter = Random.Shared.Next(2, 10) };
}
