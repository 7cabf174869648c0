using System.CommandLine;
using System.CommandLine.Invocation;
using Mailbox.Cli;
using Mailbox.Cli.Commands;

var root = new RootCommand(
    """
    Delivers into mailboxes, listens and looks. On a terminal it prints for people; in a pipe one JSON value a line.

      mailbox listen alice                      print what comes, until Ctrl-C
      mailbox send alice 'hello'                deliver a text
      mailbox send alice --json '{"n":1}'       deliver JSON
      tail -f log | mailbox send ops --lines    deliver each line
      mailbox send --to alice,bob 'hello'       deliver to several
      mailbox group join news alice             make it a member of a group
      mailbox send --group news 'hello'         deliver to all its members
      mailbox peek alice | jq .data             look without taking
      mailbox ticket alice                      let a browser open it

    A token or an API key for the server comes from the environment variable MAILBOX_TOKEN.

    Exit codes: 0 done; 1 refused; 2 wrong command line; 3 no answer, or come back later; 4 another receiver took over.
    """)
{
    ListenCommand.Create(),
    SendCommand.Create(),
    PeekCommand.Create(),
    InfoCommand.Create(),
    AckCommand.Create(),
    RemoveCommand.Create(),
    ListCommand.Create(),
    GroupCommand.Create(),
    TicketCommand.Create(),
    RevokeCommand.Create(),
    KeyCommand.Create(),
    Common.Server,
    Common.Form,
};

var parsed = root.Parse(args);
if (parsed.Action is ParseErrorAction)
{
    foreach (var error in parsed.Errors)
    {
        Output.Error(error.Message);
    }

    await Console.Error.WriteLineAsync("`mailbox --help` tells the commands, `mailbox send --help` those of one.");
    return ExitCodes.Usage;
}

// `listen` ends with its last acknowledgement, which may have to be waited for.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
