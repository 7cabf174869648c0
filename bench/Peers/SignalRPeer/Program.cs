using System.Text;
using Microsoft.AspNetCore.SignalR;

// SignalR as its documentation has it: a hub with a group for each name, no backplane, nothing stored. A body that is
// posted goes to the group through IHubContext.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);

// The load program's receivers only listen: they send no pings.
builder.Services.AddSignalR(options => options.ClientTimeoutInterval = TimeSpan.FromHours(1));
var app = builder.Build();

app.MapHub<Names>("/hub");
app.MapGet("/health/ready", () => Results.Ok());
app.MapPost("/{id}", async (string id, HttpContext http, IHubContext<Names> hub) =>
{
    using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
    await hub.Clients.Group(id).SendAsync("message", await reader.ReadToEndAsync());
    http.Response.StatusCode = 202;
});

await app.RunAsync();

internal sealed class Names : Hub
{
    public override async Task OnConnectedAsync()
    {
        await Groups.AddToGroupAsync(Context.ConnectionId, Context.GetHttpContext()!.Request.Query["name"]!);
        await Clients.Caller.SendAsync("open"); // from here on it is in the group
    }
}
