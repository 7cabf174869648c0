using System.Text;

namespace Mailbox.Bench.Peers;

/// <summary>A whole request, and where in it the message's body is written.</summary>
internal sealed record ManyRequest(byte[] Bytes, int BodyAt, int BodyLength)
{
    /// <param name="before">What stands before the message in the request's body.</param>
    public static ManyRequest Of(string target, string contentType, string before, int bodyLength, string after)
    {
        var length = before.Length + bodyLength + after.Length;
        var head = $"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {contentType}\r\nContent-Length: {length}\r\n\r\n{before}";
        return new ManyRequest(Encoding.ASCII.GetBytes($"{head}{new string(' ', bodyLength)}{after}"), head.Length, bodyLength);
    }
}
