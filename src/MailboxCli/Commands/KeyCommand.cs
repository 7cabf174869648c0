using System.Buffers.Text;
using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mailbox.Cli.Commands;

/// <summary><c>mailbox key</c></summary>
internal static class KeyCommand
{
    public static Command Create()
    {
        var command = new Command("key", "Makes an API key for a backend, and the hash of it for the server's settings. Asks no server.");
        command.SetAction(arguments =>
        {
            var key = "mbk_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
            using var both = JsonDocument.Parse($$"""{"key":"{{key}}","hash":"{{hash}}"}""");
            Common.OutputOf(arguments).Object(both.RootElement);
            return ExitCodes.Done;
        });
        return command;
    }
}
