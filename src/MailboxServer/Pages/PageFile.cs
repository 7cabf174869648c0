using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Mailbox.Pages;

/// <summary>A file that the server has in itself for browsers: no file beside the program, and nothing from elsewhere.</summary>
/// <param name="Path">Where it is served, such as <c>/console/app.js</c>.</param>
/// <param name="ContentType">By the end of its name.</param>
/// <param name="Body">All of it.</param>
internal sealed record PageFile(string Path, string ContentType, byte[] Body)
{
    private const string Resources = "pages/";
    private const string Index = "/index.html";

    /// <summary>Its own origin, and none of its scripts and styles in the page itself (CSP level 3).</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly EntityTagHeaderValue _tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Body).AsSpan(0, 16))}\"");

    /// <summary>Those whose path begins so; <c>index.html</c> is served where its folder is.</summary>
    public static IEnumerable<PageFile> Under(string prefix)
    {
        var assembly = typeof(PageFile).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            var path = resource.StartsWith(Resources, StringComparison.Ordinal) ? "/" + resource[Resources.Length..].Replace('\\', '/') : "";
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                yield return new PageFile(
                    path.EndsWith(Index, StringComparison.Ordinal) ? path[..^Index.Length] : path, TypeOf(path), Read(assembly, resource));
            }
        }
    }

    /// <summary>Answers a GET or HEAD, and a conditional one (RFC 9110 section 13) without the body.</summary>
    public Task WriteAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return Results.Bytes(Body, ContentType, entityTag: _tag).ExecuteAsync(http);
    }

    private static byte[] Read(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!;
        var body = new byte[stream.Length];
        stream.ReadExactly(body);
        return body;
    }

    private static string TypeOf(string path) => System.IO.Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new NotSupportedException($"No content type is known for '{other}'."),
    };
}
