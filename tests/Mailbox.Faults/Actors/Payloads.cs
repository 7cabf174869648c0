namespace Mailbox.Faults.Actors;

/// <summary>A body is its payload and, where it should be long, a space and filling.</summary>
internal static class Payloads
{
    public static string Fill(string payload, int length) =>
        length > payload.Length ? $"{payload} {new string('x', length - payload.Length - 1)}" : payload;

    public static string Of(string body) => body.IndexOf(' ', StringComparison.Ordinal) is var end and >= 0 ? body[..end] : body;
}
