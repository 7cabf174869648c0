using System.ComponentModel.DataAnnotations;
using Mailbox.Access;
using Mailbox.Contracts;

namespace Mailbox.Proxy;

/// <summary>Refuses settings of <c>Mailbox:Proxy</c> that cannot work, or that would forward what is the server's own.</summary>
internal static class ProxyCheck
{
    private const int LeastKeyBytes = 32;

    /// <exception cref="ValidationException">A setting cannot work.</exception>
    public static void Check(ProxyOptions options, AccessOptions access, IHostEnvironment environment)
    {
        Require(
            options.CallerKey is not { } key || (Convert.TryFromBase64String(key, new byte[key.Length], out var length) && length >= LeastKeyBytes),
            $"Mailbox:Proxy:CallerKey is in base64, at least {LeastKeyBytes} bytes.");
        if (!options.IsOn)
        {
            return;
        }

        Require(
            options.CallerKey is not null || environment.IsDevelopment(),
            "Mailbox:Proxy:CallerKey is not set: without it no backend could tell who calls from what anybody claims.");
        var paths = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < options.Routes.Count; i++)
        {
            var route = options.Routes[i];
            Check(route, access, $"Mailbox:Proxy:Routes:{i}");
            Require(paths.Add(route.Path), $"Mailbox:Proxy:Routes:{i}:Path: '{route.Path}' stands there twice.");
        }
    }

    private static void Check(RouteOptions route, AccessOptions access, string section)
    {
        Require(
            IsPath(route.Path),
            $"{section}:Path: '{route.Path}' is not / nor segments of A-Z a-z 0-9 . _ ~ - after slashes, without a slash at the end.");
        Require(!ForwardedTarget.IsReserved(route.Path), $"{section}:Path: '{route.Path}' is the server's own.");
        Require(
            IsBackend(route.Backend),
            $"{section}:Backend: an http or https address without user, query or fragment is expected, such as http://127.0.0.1:9000.");
        Require(
            route.Access is not RouteAccess.Authenticated || access.IsOn,
            $"{section}:Access: nobody can show who they are without Mailbox:Access:Jwt or Mailbox:Access:ApiKeys.");
        var wrong = route.Deliver.FirstOrDefault(pattern => !Rights.IsGrant($"mailbox.deliver:{pattern}") || MailboxName.IsSystem(pattern));
        Require(wrong is null, $"{section}:Deliver: '{wrong}' is not a mailbox's name, nor the beginning of names and *.");
    }

    private static bool IsPath(string path) =>
        path == "/" || (path.StartsWith('/') && path[1..].Split('/').All(segment => MailboxName.IsValid(segment)));

    private static bool IsBackend(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) &&
        uri.UserInfo.Length == 0 && !text.AsSpan().ContainsAny('?', '#');

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ValidationException(otherwise);
        }
    }
}
