using Mailbox.Access;
using Mailbox.Contracts;

namespace Mailbox.Endpoints;

/// <summary>What stands before every call: pages of other origins (WHATWG Fetch, CORS), then the caller.</summary>
internal static class AccessComposition
{
    /// <summary>What a page may read beside the body and what every page may.</summary>
    private static readonly string[] Exposed = ["Location", "Retry-After", MailboxHeaders.TimeToLive, MailboxHeaders.IdempotentReplayed];

    public static void AddAccess(this IServiceCollection services, AccessOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<Origins>();
        services.AddSingleton<Authenticator>();
        services.AddCors(cors => cors.AddDefaultPolicy(policy =>
        {
            policy.WithOrigins([.. options.Origins]).WithMethods("GET", "POST", "PUT", "DELETE").AllowAnyHeader()
                .WithExposedHeaders(Exposed).SetPreflightMaxAge(TimeSpan.FromMinutes(10));
            if (options.Cookie is not null)
            {
                policy.AllowCredentials();
            }
        }));
    }

    public static void UseAccess(this WebApplication app)
    {
        if (app.Services.GetRequiredService<AccessOptions>().Origins.Count > 0)
        {
            app.UseCors();
        }

        app.UseMiddleware<AccessMiddleware>();
    }
}
