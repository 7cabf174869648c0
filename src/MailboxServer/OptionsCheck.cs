using System.ComponentModel.DataAnnotations;
using Mailbox.Access;
using Mailbox.Proxy;
using Mailbox.Redis;

namespace Mailbox;

/// <summary>Refuses settings that cannot work, at start and with their name.</summary>
internal static class OptionsCheck
{
    /// <exception cref="ValidationException">A setting cannot work.</exception>
    public static void Check(MailboxOptions options, IHostEnvironment environment)
    {
        Validate(options, MailboxOptions.Section);
        Validate(options.Events, MailboxOptions.Section + ":Events");
        Validate(options.Limits, MailboxOptions.Section + ":Limits");
        Validate(options.Redis, MailboxOptions.Section + ":Redis");
        Validate(options.Embedded, MailboxOptions.Section + ":Embedded");
        Require(options.MaxBytes >= options.MaxEntryBytes, "Mailbox:MaxBytes holds less than one message of Mailbox:MaxMessageBytes.");
        Require(
            options.Limits.DeliveriesPerSecond == 0 || options.Limits.DeliveryBurst >= options.Limits.RecipientsPerCall,
            "Mailbox:Limits:DeliveryBurst is less than Mailbox:Limits:RecipientsPerCall: a call to so many would never be taken.");
        Require(options.Sweep <= options.Heartbeat * 2, "Mailbox:Sweep is at most two of Mailbox:Heartbeat: a sweep renews the receiver's lease.");
        Require(
            !string.IsNullOrEmpty(options.Redis.ConnectionString) || environment.IsDevelopment(),
            "Mailbox:Redis:ConnectionString is not set (environment: Mailbox__Redis__ConnectionString). Only in Development does the server start an engine of its own.");
        Validate(options.Access, MailboxOptions.Section + ":Access");
        Validate(options.Access.Jwt, MailboxOptions.Section + ":Access:Jwt");
        for (var i = 0; i < options.Access.ApiKeys.Count; i++)
        {
            Validate(options.Access.ApiKeys[i], $"{MailboxOptions.Section}:Access:ApiKeys:{i}");
        }

        AccessCheck.Check(options.Access, environment);
        Validate(options.Proxy, MailboxOptions.Section + ":Proxy");
        for (var i = 0; i < options.Proxy.Routes.Count; i++)
        {
            Validate(options.Proxy.Routes[i], $"{MailboxOptions.Section}:Proxy:Routes:{i}");
        }

        ProxyCheck.Check(options.Proxy, options.Access, environment);
        CheckConnectionString(options.Redis.ConnectionString);
    }

    private static void CheckConnectionString(string? text)
    {
        try
        {
            if (!string.IsNullOrEmpty(text))
            {
                // The client would prefix what it subscribes to, and not what scripts publish: every wake would be lost.
                Require(
                    RedisClientVersion.Parse(text).ChannelPrefix.IsNullOrEmpty,
                    "Mailbox:Redis:ConnectionString sets channelPrefix; the prefix of keys and channels is Mailbox:Redis:KeyPrefix.");
            }
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw new ValidationException($"Mailbox:Redis:ConnectionString cannot be read: {exception.Message}");
        }
    }

    private static void Validate(object settings, string section)
    {
        var results = new List<ValidationResult>();
        if (!Validator.TryValidateObject(settings, new ValidationContext(settings), results, validateAllProperties: true))
        {
            throw new ValidationException(string.Join(' ', results.Select(result => $"{section}: {result.ErrorMessage}")));
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ValidationException(otherwise);
        }
    }
}
