using System.Globalization;
using System.Text;
using System.Text.Json;
using Mailbox.Contracts;

namespace Mailbox.Cli;

/// <summary>
/// For people on a terminal, in colour; for programs, one JSON value a line. What is not the answer itself goes to the
/// standard error.
/// </summary>
internal sealed class Output(bool isForPeople)
{
    private readonly bool _hasColours = isForPeople && !Console.IsOutputRedirected && TerminalHasColours;

    private static bool TerminalHasColours =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) &&
        Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null or "");

    public void Message(Incoming message)
    {
        if (!isForPeople)
        {
            StandardOutput.WriteLine(Envelope.Write(message));
            return;
        }

        var time = message.Time?.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? "--:--:--";
        var type = message.Type is null ? "" : Colour(36, message.Type) + " ";
        var body = Envelope.TextOf(message.Body) is { } text
            ? Visible(text)
            : Colour(33, $"{message.Body.Length} bytes {message.ContentType}".TrimEnd());
        var whose = message.Mailbox is null ? "" : Colour(35, message.Mailbox) + " ";
        StandardOutput.WriteLine($"{Colour(2, $"{time} {message.Id}")} {whose}{type}{body}");
    }

    /// <summary>A control event: beside the messages, so that a pipe holds nothing but these.</summary>
    public static void Control(Incoming told)
    {
        var text = told.Control switch
        {
            ControlEvents.Open => "open",
            ControlEvents.Gap => $"gap: {told.From} to {told.To} will not come ({told.Reason})",
            ControlEvents.Reset => $"reset: {told.Reason}",
            ControlEvents.Replaced => "replaced: another receiver has the mailbox",
            ControlEvents.Unavailable => $"unavailable: {told.Reason}; coming back",
            ControlEvents.Unauthorized => "unauthorized: the token has ended",
            ControlEvents.Draining => "draining: the node goes away; coming back",
            ControlEvents.Closed => $"closed: {told.Reason}",
            _ => told.Control!,
        };
        Console.Error.WriteLine(Visible(told.Mailbox is null ? text : $"{told.Mailbox} {text}"));
    }

    /// <summary>What became of a delivery.</summary>
    public void Delivered(DeliverManyResult result)
    {
        if (!isForPeople)
        {
            Json(JsonSerializer.Serialize(result, MailboxJsonContext.Default.DeliverManyResult));
            return;
        }

        var outcome = result switch
        {
            { Replayed: true } => "was delivered before",
            { Status: 201 } => Colour(32, "stored; a receiver is present"),
            { Queued: true } => Colour(32, "stored; it waits"),
            { Status: 202 } => "not stored: no receiver is present",
            _ => Colour(31, Visible(result.Detail ?? $"refused: {result.Status}")),
        };
        StandardOutput.WriteLine($"{result.Mailbox} {outcome} {Colour(2, result.Id ?? "")}".TrimEnd());
    }

    /// <summary>What a delivery to a group came to, or how far it is.</summary>
    public void DeliveredToGroup(string group, GroupDelivery told)
    {
        if (isForPeople)
        {
            var outcome = told.State == GroupDeliveryStates.Done
                ? $"{told.Members} members: {told.Delivered} present, {told.Waiting} wait, {told.Full} full, {told.Failed} failed"
                : $"stored; {told.State}";
            StandardOutput.WriteLine($"{group} {Colour(told.Full + told.Failed > 0 ? 31 : 32, outcome)} {Colour(2, told.Id)}");
            return;
        }

        Json(JsonSerializer.Serialize(told, MailboxJsonContext.Default.GroupDelivery));
    }

    /// <summary>An object: a member a line, or as it is.</summary>
    public void Object(JsonElement value)
    {
        if (!isForPeople)
        {
            Json(value.GetRawText());
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            StandardOutput.WriteLine($"{Colour(2, member.Name.PadRight(12))} {Visible(member.Value.ToString())}");
        }
    }

    /// <summary>A name: as it is, or as a JSON string.</summary>
    public void Name(string name) => StandardOutput.WriteLine(isForPeople ? Visible(name) : JsonSerializer.Serialize(name, NameContext.Default.String));

    public static void Error(string text) => Console.Error.WriteLine($"mailbox: {Visible(text)}");

    private static void Json(string line) => StandardOutput.WriteLine(line.ReplaceLineEndings(""));

    /// <summary>A body must not steer the terminal: control characters are shown, not sent.</summary>
    private static string Visible(string text)
    {
        if (!text.Any(IsUnseen))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            shown.Append(IsUnseen(c) ? $"\\u{(int)c:x4}" : c);
        }

        return shown.ToString();

        static bool IsUnseen(char c) => char.IsControl(c) && c is not ('\n' or '\t');
    }

    private string Colour(int code, string text) => _hasColours && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}
