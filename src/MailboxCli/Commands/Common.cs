using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Mailbox.Client;
using Mailbox.Contracts;

namespace Mailbox.Cli.Commands;

/// <summary>What every command has.</summary>
internal static class Common
{
    private const string DefaultServer = "http://127.0.0.1:8080";

    private static readonly string[] Forms = ["auto", "text", "json"];

    public static Option<Uri> Server { get; } = new("--server")
    {
        Description = $"The server's address. Default: the environment variable MAILBOX_SERVER, else {DefaultServer}.",
        HelpName = "url",
        Recursive = true,
        CustomParser = result => AddressOf(result.Tokens[0].Value) ?? Refuse(result, $"'{result.Tokens[0].Value}' is no http address, or has more than a path."),
        DefaultValueFactory = result =>
        {
            var told = Environment.GetEnvironmentVariable("MAILBOX_SERVER");
            return AddressOf(string.IsNullOrEmpty(told) ? DefaultServer : told) ?? Refuse(result, $"MAILBOX_SERVER is no http address: {told}");
        },
    };

    public static Option<string> Form { get; } = OneOf(new Option<string>("--output")
    {
        Description = "text for people, json for programs (one value a line); auto: text on a terminal, json in a pipe.",
        HelpName = string.Join('|', Forms),
        Recursive = true,
        DefaultValueFactory = _ => Forms[0],
    });

    public static Argument<string> Mailbox()
    {
        var argument = new Argument<string>("mailbox") { Description = "Its name." };
        argument.Validators.Add(result => CheckName(result, result.Tokens.Count > 0 ? result.Tokens[0].Value : ""));
        return argument;
    }

    /// <summary>A whole number; null when it is not given.</summary>
    public static Option<long?> Number(string name, string unit, long least, string description, long most = long.MaxValue) => new(name)
    {
        Description = description,
        HelpName = unit,
        CustomParser = result =>
        {
            if (long.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) &&
                number >= least && number <= most)
            {
                return number;
            }

            var limit = most == long.MaxValue ? "" : string.Create(CultureInfo.InvariantCulture, $" and at most {most}");
            result.AddError($"{name} is a whole number of at least {least}{limit}, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    public static void CheckName(SymbolResult result, string name)
    {
        if (!MailboxName.IsValid(name))
        {
            result.AddError($"'{name}' is not a mailbox's name: {MailboxName.Pattern}");
        }
    }

    public static Output OutputOf(ParseResult arguments) => new(arguments.GetValue(Form) switch
    {
        "text" => true,
        "json" => false,
        _ => !Console.IsOutputRedirected,
    });

    /// <param name="arguments">Of the command line.</param>
    /// <param name="deadline">How long one call may take; null for one that lasts.</param>
    public static HttpClient HttpOf(ParseResult arguments, TimeSpan? deadline)
    {
        var http = new HttpClient { BaseAddress = arguments.GetValue(Server), Timeout = deadline ?? Timeout.InfiniteTimeSpan };

        // Not an option: other users of the machine can read command lines.
        if (Environment.GetEnvironmentVariable("MAILBOX_TOKEN") is { Length: > 0 } token)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return http;
    }

    /// <summary>One attempt: whoever typed the command sees what happened, and repeats it.</summary>
    public static MailboxClient ClientOf(HttpClient http) => new(http, new MailboxClientOptions
    {
        BaseAddresses = { http.BaseAddress! },
        AttemptTimeout = TimeSpan.FromSeconds(30),
        SendRetryTime = TimeSpan.Zero,
    });

    /// <summary>A command that makes calls and ends: what goes wrong is said, and is an exit code.</summary>
    public static void SetCall(this Command command, Func<ParseResult, HttpClient, CancellationToken, Task<int>> call) =>
        command.SetAction(async (arguments, cancellation) =>
        {
            using var http = HttpOf(arguments, TimeSpan.FromSeconds(30));
            return await GuardAsync(arguments, () => call(arguments, http, cancellation), cancellation);
        });

    public static async Task<int> GuardAsync(ParseResult arguments, Func<Task<int>> act, CancellationToken cancellation)
    {
        try
        {
            return await act();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (MailboxException nobody) when (nobody.Status == 0)
        {
            Output.Error($"{arguments.GetValue(Server)} does not answer: {nobody.Message}");
            return ExitCodes.Unavailable;
        }
        catch (MailboxException refused)
        {
            Output.Error($"{refused.Message} ({refused.Status} {refused.ProblemType})");
            return ServerCalls.WillPass(refused.Status) ? ExitCodes.Unavailable : ExitCodes.Refused;
        }
        catch (JsonException exception)
        {
            // A proxy's page, say: whether it passed the call on, nobody knows.
            Output.Error($"What {arguments.GetValue(Server)} answers cannot be read: {exception.Message} Is it a mailbox server?");
            return ExitCodes.Unavailable;
        }
        catch (IOException)
        {
            return ExitCodes.Interrupted; // nobody reads what we print
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            Output.Error($"{arguments.GetValue(Server)} does not answer: {exception.Message}");
            return ExitCodes.Unavailable;
        }
    }

    /// <summary>Null with a query or a fragment, too: a call's path cannot go behind these.</summary>
    private static Uri? AddressOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", Query: "", Fragment: "" }
            ? address
            : null;

    private static Uri Refuse(ArgumentResult result, string error)
    {
        result.AddError(error);
        return new Uri(DefaultServer);
    }

    private static Option<string> OneOf(Option<string> option)
    {
        option.AcceptOnlyFromAmong(Forms);
        return option;
    }
}
