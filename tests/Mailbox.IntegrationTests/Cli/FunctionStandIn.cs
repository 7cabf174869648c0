using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Cli;

/// <summary>A <c>mailbox_deliver</c> that stores nothing and answers as a test tells it: what a healthy Redis hardly ever does.</summary>
internal static class FunctionStandIn
{
    /// <summary>An answer that is no error.</summary>
    public const string Stored = "";

    /// <param name="redis">Without a node, which would put the real function in its place.</param>
    /// <param name="answers">Each once, in this order: an error, or <see cref="Stored"/>. After them it has always stored.</param>
    public static Task LoadAsync(RedisServer redis, params string[] answers) => redis.ExecuteAsync(
        "FUNCTION",
        "LOAD",
        $$"""
        #!lua name=standin
        local answers = { {{string.Join(", ", answers.Select(answer => $"'{answer}'"))}} }
        redis.register_function('mailbox_deliver', function()
          local answer = answers[redis.call('INCR', 'calls')] or ''
          if answer ~= '' then return redis.error_reply('-' .. answer) end
          return { 'stored', '0123456789abcdef', 1, 0, 0 }
        end)
        """);

    /// <summary>How often it was called.</summary>
    public static async Task<int> CallsAsync(RedisServer redis) => int.Parse(
        RedisCli.TextOf(await redis.ExecuteAsync("GET", "calls"))!, System.Globalization.CultureInfo.InvariantCulture);
}
