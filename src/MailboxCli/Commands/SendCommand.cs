using System.CommandLine;
using System.Runtime.CompilerServices;
using Mailbox.Client;
using Mailbox.Contracts;
using StackExchange.Redis;

namespace Mailbox.Cli.Commands;

/// <summary><c>mailbox send NAME BODY</c>, <c>mailbox send --to a,b BODY</c>, <c>mailbox send --group NAME BODY</c></summary>
internal static class SendCommand
{
    private static readonly Argument<string?> First = new("mailbox")
    {
        Description = "Its name. (With --to it is left out, and the body stands here.)", Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string?> Second = new("body")
    {
        Description = "The text. Without it, what comes by the standard input.", Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> To = new("--to") { Description = "Several mailboxes, with commas between.", HelpName = "a,b" };

    private static readonly Option<string?> Group = new("--group") { Description = "All members of a group, instead of a mailbox." };

    private static readonly Option<bool> Lines = new("--lines")
    {
        Description = "Each line of the standard input is a message; one after the other, in order, until one is refused.",
    };

    private static readonly Option<string?> Type = new("--type") { Description = "The message's type." };

    private static readonly Option<string?> ContentType = new("--content-type")
    {
        Description = "The body's content type. Default: application/json with --json, else none by --redis and text/plain over HTTP.",
    };

    private static readonly Option<bool> IsJson = new("--json") { Description = "The body is JSON: receivers get it as a value." };

    private static readonly Option<long?> Ttl =
        Common.Number("--ttl", "seconds", 0, "How long the message lives; 0: only if a receiver is present.", most: 9_999_999_999);

    private static readonly Option<string?> Topic = new("--topic") { Description = "Replaces an unsent older message of the topic." };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "The idempotency key: the same key with the same body delivers once. Default: a new one for each message.",
    };

    private static readonly Option<string?> Redis = new("--redis")
    {
        Description = "Straight to Redis, past the server; such as 127.0.0.1:6379.", HelpName = "connection",
    };

    private static readonly Option<string> Prefix = new("--key-prefix")
    {
        Description = "With --redis: what the keys begin with.", DefaultValueFactory = _ => "mailbox:",
    };

    private static readonly Option<bool> Bare = new("--bare")
    {
        Description = "With --redis: by RPUSH, for a Redis that does not know the function. A body and nothing else.",
    };

    public static Command Create()
    {
        var command = new Command("send", "Delivers a message, or each line of the standard input.")
        {
            First, Second, To, Group, Lines, Type, ContentType, IsJson, Ttl, Topic, Key, Redis, Prefix, Bare,
        };
        command.Validators.Add(Check);
        Redis.Validators.Add(result =>
        {
            if (RedisDoor.FaultOf(result.GetValueOrDefault<string?>() ?? "") is { } fault)
            {
                result.AddError($"--redis: {fault}");
            }
        });
        command.SetAction(async (arguments, cancellation) =>
        {
            using var http = Common.HttpOf(arguments, TimeSpan.FromSeconds(30));
            return await Common.GuardAsync(arguments, () => SendAsync(arguments, http, cancellation), cancellation);
        });
        return command;
    }

    private static void Check(System.CommandLine.Parsing.CommandResult result)
    {
        if ((result.GetValue(To) ?? result.GetValue(Group)) is { } to)
        {
            foreach (var name in result.GetValue(To) is null ? [to] : to.Split(','))
            {
                Common.CheckName(result, name);
            }

            if (result.GetValue(Second) is not null)
            {
                result.AddError("With --to or --group there is only the body.");
            }

            if (result.GetValue(Group) is not null && (result.GetValue(To) is not null || result.GetValue(Redis) is not null))
            {
                result.AddError($"--group does not go with {(result.GetValue(To) is null ? "--redis" : "--to")}.");
            }
        }
        else if (result.GetValue(First) is { } name)
        {
            Common.CheckName(result, name);
        }
        else
        {
            result.AddError("Which mailbox? Name it, or several by --to a,b, or a group by --group.");
        }

        if (result.GetValue(Lines) && result.GetValue(result.GetValue(To) is null && result.GetValue(Group) is null ? Second : First) is not null)
        {
            result.AddError("--lines reads the standard input: there is no other body.");
        }

        if (result.GetValue(Bare))
        {
            var more = new Option[] { Type, ContentType, Ttl, Topic, Key }.FirstOrDefault(option => result.GetResult(option) is not null);
            if (result.GetValue(Redis) is null)
            {
                result.AddError("--bare goes with --redis.");
            }
            else if (more is not null || result.GetValue(IsJson))
            {
                result.AddError($"{more?.Name ?? IsJson.Name} does not go with --bare: a bare delivery has nothing but a body.");
            }
        }
    }

    private static async Task<int> SendAsync(ParseResult arguments, HttpClient http, CancellationToken cancellation)
    {
        var group = arguments.GetValue(Group);
        var to = arguments.GetValue(To)?.Split(',').Distinct().ToArray() ?? [group ?? arguments.GetValue(First)!];
        var given = arguments.GetValue(arguments.GetValue(To) is null && group is null ? Second : First);
        var output = Common.OutputOf(arguments);
        var code = ExitCodes.Done;
        try
        {
            await using var door = arguments.GetValue(Redis) is { } connection
                ? await RedisDoor.ConnectAsync(connection, arguments.GetValue(Prefix)!)
                : null;
            await foreach (var body in Bodies.ReadAsync(given, arguments.GetValue(Lines), cancellation))
            {
                if (group is not null)
                {
                    var told = await Common.ClientOf(http).Group(group).SendAsync(body, OptionsOf(arguments), true, cancellation);
                    output.DeliveredToGroup(group, told);
                    code = told.Full + told.Failed > 0 ? ExitCodes.Refused : code;
                    continue; // members in whose way nothing stands get the next line, too
                }

                var results = door is null
                    ? ByHttpAsync(arguments, http, to, body, cancellation)
                    : ByRedisAsync(arguments, door, to, body);
                await foreach (var result in results)
                {
                    output.Delivered(result);
                    code = result.Status < 300 ? code : Math.Max(code, ServerCalls.WillPass(result.Status) ? ExitCodes.Unavailable : ExitCodes.Refused);
                }

                if (code != ExitCodes.Done)
                {
                    break; // what follows must not overtake it
                }
            }

            return code;
        }
        catch (RedisServerException answer)
        {
            Output.Error(answer.Message);
            return Math.Max(code, RedisAnswers.ExitCodeOf(answer));
        }
        catch (BareBodyException exception)
        {
            Output.Error(exception.Message);
            return Math.Max(code, ExitCodes.Refused);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
        {
            Output.Error($"Redis does not answer: {exception.Message}"); // or only a replica would, and was not asked
            return ExitCodes.Unavailable;
        }
    }

    private static async IAsyncEnumerable<DeliverManyResult> ByHttpAsync(
        ParseResult arguments, HttpClient http, string[] to, byte[] body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var key = arguments.GetValue(Key) ?? Guid.NewGuid().ToString("N");
        var contentType = ContentTypeOf(arguments) ?? "text/plain; charset=utf-8";
        if (arguments.GetValue(To) is not null)
        {
            var results = await ServerCalls.DeliverManyAsync(
                http,
                to,
                body,
                contentType,
                [
                    ("type", arguments.GetValue(Type)), ("topic", arguments.GetValue(Topic)), ("idempotencyKey", key),
                ],
                arguments.GetValue(Ttl),
                cancellation);
            foreach (var each in results)
            {
                yield return each;
            }

            yield break;
        }

        var result = await Common.ClientOf(http).SendAsync(to[0], body, OptionsOf(arguments) with { IdempotencyKey = key }, cancellation);
        yield return new DeliverManyResult
        {
            Mailbox = result.Mailbox,
            Status = result.Queued && result.Connected ? 201 : 202,
            Id = result.Id,
            Queued = result.Queued,
            Connected = result.Connected,
            Expires = result.Expires,
        };
    }

    private static SendOptions OptionsOf(ParseResult arguments) => new()
    {
        ContentType = ContentTypeOf(arguments) ?? "text/plain; charset=utf-8",
        Type = arguments.GetValue(Type),
        TimeToLive = arguments.GetValue(Ttl) is { } ttl ? TimeSpan.FromSeconds(ttl) : null,
        Topic = arguments.GetValue(Topic),
        IdempotencyKey = arguments.GetValue(Key),
    };

    /// <summary>One mailbox after the other; when one fails, what was stored before it is told already.</summary>
    private static async IAsyncEnumerable<DeliverManyResult> ByRedisAsync(
        ParseResult arguments, RedisDoor door, string[] to, byte[] body)
    {
        var key = arguments.GetValue(Key) ?? Guid.NewGuid().ToString("N");
        var options = new (string Name, string? Value)[]
        {
            ("idempotencyKey", key),
            ("type", arguments.GetValue(Type)),
            ("contentType", ContentTypeOf(arguments)),
            ("ttl", arguments.GetValue(Ttl)?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("topic", arguments.GetValue(Topic)),
        };
        var given = options.Where(option => option.Value is not null).Select(option => (option.Name, option.Value!)).ToList();
        foreach (var mailbox in to)
        {
            yield return arguments.GetValue(Bare)
                ? await door.DeliverBareAsync(mailbox, body)
                : await door.DeliverAsync(mailbox, body, given);
        }
    }

    private static string? ContentTypeOf(ParseResult arguments) =>
        arguments.GetValue(ContentType) ?? (arguments.GetValue(IsJson) ? "application/json" : null);
}
