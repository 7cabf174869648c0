using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Demos;
using Mailbox.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// What stands behind the pages at /demos: a backend that delivers quotes and a counter, one that answers requests, and a front
// before the nodes. `./dev demos` starts it.
//
//     dotnet run --project samples/demos -- FRONT-PORT BACKEND-PORT NODE=PID [NODE=PID]
//
// The front leads to the first node that takes connections; so the first is the one to kill.
if (args.Length < 3 || !TryPort(args[0], out var frontPort) || !TryPort(args[1], out var backendPort) ||
    args[2..].Select(DemoNode.Parse).ToArray() is not { } given || given.Contains(null))
{
    await Console.Error.WriteLineAsync("FRONT-PORT BACKEND-PORT NODE=PID [NODE=PID], such as: 8080 8083 http://127.0.0.1:8082=4711");
    return 2;
}

var nodes = given.OfType<DemoNode>().ToArray();
var options = new MailboxClientOptions();
foreach (var node in nodes)
{
    options.BaseAddresses.Add(node.Address); // the next one is taken when one does not answer
}

using var client = new MailboxClient(options);
var backend = new Backend(client);

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, backendPort, listen => listen.Use(backend.Count)));
builder.Services.AddSingleton(client);
builder.Services.AddSingleton<IReadOnlyList<DemoNode>>(nodes);
builder.Services.AddHostedService<Quotes>();
builder.Services.AddHostedService<Counter>();
builder.Services.AddHostedService(_ => new Front(frontPort, nodes));

await using var app = builder.Build();
backend.Map(app);
try
{
    await app.StartAsync();
}
catch (Exception exception) when (exception is SocketException or IOException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

Console.WriteLine($"listening on {frontPort}");
await app.WaitForShutdownAsync();
return 0;

static bool TryPort(string text, out int port) =>
    int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65_536;
