namespace Mailbox.Endpoints;

/// <summary>A request's <c>Content-Encoding</c>, of those that are taken (RFC 9110 section 8.4.1).</summary>
internal enum BodyEncoding
{
    Identity,
    Gzip,

    /// <summary>The zlib format, which HTTP calls deflate.</summary>
    Deflate,
    Brotli,
}
