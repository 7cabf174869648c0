using System.ComponentModel.DataAnnotations;
using Mailbox;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;
using Mailbox.Proxy;
using Mailbox.Redis;
using Mailbox.Redis.Embedded;
using Microsoft.AspNetCore.Connections;

var builder = WebApplication.CreateBuilder(args);
MailboxOptions options;
try
{
    var section = builder.Configuration.GetSection(MailboxOptions.Section);
    options = section.Get<MailboxOptions>() ?? new MailboxOptions();
    options.Proxy.Routes = ProxyOptions.RoutesIn(section);
    OptionsCheck.Check(options, builder.Environment);
}
catch (Exception exception) when (exception is ValidationException or InvalidOperationException)
{
    // A setting that cannot be read, or that cannot work: its name is in the message.
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

using var startLogging = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
EmbeddedEngine? engine = null;
if (string.IsNullOrEmpty(options.Redis.ConnectionString))
{
    try
    {
        engine = await EmbeddedEngine.StartAsync(options.Embedded, startLogging.CreateLogger<EmbeddedEngine>(), CancellationToken.None);
    }
    catch (EmbeddedEngineException exception)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        return 1;
    }

    options.Redis.ConnectionString = engine.ConnectionString;
}

await using var engineLife = engine;
builder.ConfigureMailboxServer(options);
var app = builder.Build();
app.UseMailboxServer();
if (app.Environment.IsDevelopment())
{
    app.Lifetime.ApplicationStarted.Register(() => Welcome.Print(app.Urls.FirstOrDefault(), engine?.Name));
}

try
{
    await app.RunAsync();
}
catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
{
    // Told to stop while it was still starting.
}
catch (Exception exception) when (exception is UnreadableDataException or ValidationException or IOException { InnerException: AddressInUseException })
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

return Environment.ExitCode;
