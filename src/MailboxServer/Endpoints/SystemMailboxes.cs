using Mailbox.Access;
using Mailbox.Contracts;

namespace Mailbox.Endpoints;

/// <summary>The mailboxes that the server itself delivers into, for others to open; every other name that begins with ~ is nobody's.</summary>
internal static class SystemMailboxes
{
    public static bool Contains(string mailbox) => mailbox is SystemEvent.Destination or NodeFigures.Destination;

    /// <summary>The caller may open it, and it is there to be opened.</summary>
    /// <exception cref="ProblemException">It is not.</exception>
    public static void DemandOpen(HttpContext http, string mailbox, MailboxOptions options)
    {
        RequestReader.Demand(http, mailbox, Scope.Open);
        if (AbsenceOf(mailbox, options) is { } absence)
        {
            throw new ProblemException(absence);
        }
    }

    /// <summary>Nothing is delivered there, as it is not switched on: who opens it would wait for ever.</summary>
    public static Problem? AbsenceOf(string mailbox, MailboxOptions options) => mailbox switch
    {
        SystemEvent.Destination when !options.Events.Enabled => Problem.NoEvents,
        NodeFigures.Destination when !options.Console.IsOn => Problem.NoConsole,
        _ => null,
    };
}
