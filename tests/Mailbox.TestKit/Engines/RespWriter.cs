using System.Globalization;
using System.Text;

namespace Mailbox.TestKit;

/// <summary>Writes commands in RESP2: an array of bulk strings each.</summary>
internal static class RespWriter
{
    public static byte[] Encode(IReadOnlyList<object[]> commands)
    {
        using var bytes = new MemoryStream();
        foreach (var command in commands)
        {
            bytes.Write(Encoding.ASCII.GetBytes($"*{command.Length}\r\n"));
            foreach (var argument in command)
            {
                var value = argument as byte[] ??
                    Encoding.UTF8.GetBytes(Convert.ToString(argument, CultureInfo.InvariantCulture) ?? "");
                bytes.Write(Encoding.ASCII.GetBytes($"${value.Length}\r\n"));
                bytes.Write(value);
                bytes.Write("\r\n"u8);
            }
        }

        return bytes.ToArray();
    }
}
