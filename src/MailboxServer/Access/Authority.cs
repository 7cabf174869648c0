using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Mailbox.Access;

/// <summary>
/// What an authority publishes (OpenID Connect Discovery 1.0), as the rules that its tokens are held to. It is read again when it
/// is a day old, and when a token does not fit it: the token then waits for that, as the key may be new, and a refusal would end
/// an EventSource for good. All who wait wait for the same reading, so that nothing piles up behind an authority that is silent.
/// </summary>
internal sealed partial class Authority(JwtOptions options, Func<OpenIdConnectConfiguration, TokenValidationParameters> rulesOf, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    /// <summary>Between two readings: after one that failed, and for tokens that do not fit.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly string _address = options.Authority!.TrimEnd('/') + "/.well-known/openid-configuration";
    private readonly HttpDocumentRetriever _documents = new(new HttpClient { Timeout = Patience, MaxResponseContentBufferSize = 1024 * 1024 })
    {
        RequireHttps = !new Uri(options.Authority!).IsLoopback,
    };

    private readonly Lock _gate = new();
    private volatile TokenValidationParameters? _rules;
    private Task<TokenValidationParameters>? _reading;
    private long _askedAt;
    private long _readAt;

    /// <exception cref="AuthorityException">They were never read, and cannot be now.</exception>
    public async ValueTask<TokenValidationParameters> RulesAsync(CancellationToken cancellation)
    {
        if (_rules is { } rules)
        {
            if (Environment.TickCount64 - Volatile.Read(ref _readAt) >= Age.TotalMilliseconds)
            {
                _ = ReadOnceAsync(Rest);
            }

            return rules;
        }

        return await ReadOnceAsync(Retry).WaitAsync(cancellation);
    }

    /// <summary>For a token that does not fit these: newer ones, or the same.</summary>
    public async ValueTask<TokenValidationParameters> NewerAsync(TokenValidationParameters rules, CancellationToken cancellation)
    {
        try
        {
            return _rules == rules ? await ReadOnceAsync(Rest).WaitAsync(cancellation) : _rules!;
        }
        catch (AuthorityException)
        {
            return rules; // what was read last still stands
        }
    }

    /// <summary>The reading that is under way, or the last one when it is not older than this.</summary>
    private Task<TokenValidationParameters> ReadOnceAsync(TimeSpan age)
    {
        lock (_gate)
        {
            return _reading = _reading is null || (_reading.IsCompleted && Environment.TickCount64 - _askedAt >= age.TotalMilliseconds)
                ? Task.Run(ReadAsync)
                : _reading;
        }
    }

    private async Task<TokenValidationParameters> ReadAsync()
    {
        try
        {
            var read = await OpenIdConnectConfigurationRetriever.GetAsync(_address, _documents, CancellationToken.None);
            _rules = read.SigningKeys.Count > 0 && !string.IsNullOrEmpty(read.Issuer)
                ? rulesOf(read)
                : throw new InvalidOperationException("It publishes no keys, or does not say who it is.");
            Volatile.Write(ref _readAt, Environment.TickCount64);
            return _rules;
        }
        catch (Exception exception)
        {
            Log.Unread(logger, _address, exception.GetBaseException().Message);
            throw new AuthorityException("The authority's keys cannot be read.", exception);
        }
        finally
        {
            _askedAt = Environment.TickCount64;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "The keys that {Authority} names cannot be read: {Reason}")]
        public static partial void Unread(ILogger logger, string authority, string reason);
    }
}
