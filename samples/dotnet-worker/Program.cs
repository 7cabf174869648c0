using DotnetWorker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// A service that works through the orders in a mailbox, one after the other: docs/client.md.
//
//     dotnet run --project samples/dotnet-worker -- --Mailbox=orders
//     curl -H 'Content-Type: application/json' -d '{"number":1,"what":"tea"}' http://127.0.0.1:8080/v1/mailboxes/orders/messages
var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddMailboxClient(o => o.BaseAddresses.Add(new Uri(builder.Configuration["MAILBOX_SERVER"] ?? "http://127.0.0.1:8080")));
builder.Services.AddHostedService<OrderWorker>();
await builder.Build().RunAsync();
