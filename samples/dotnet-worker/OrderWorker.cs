using System.Text.Json.Serialization;
using Mailbox.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DotnetWorker;

internal sealed record Order(int Number, string What);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Order))]
internal sealed partial class OrderJson : JsonSerializerContext;

/// <summary>
/// An order is acknowledged when the next one is asked for: one that this process died over comes again, so handling must bear
/// a repetition. Two replicas of this worker are two receivers: the newer has the mailbox, and the older ends.
/// </summary>
internal sealed partial class OrderWorker(
    MailboxClient client, IConfiguration configuration, IHostApplicationLifetime lifetime, ILogger<OrderWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var receiver = client.ReceiveAsync(configuration["Mailbox"] ?? "orders", OrderJson.Default.Order);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var message in receiver.WithCancellation(stoppingToken))
                {
                    Log.Done(logger, message.Value.Number, message.Value.What);
                }
            }
            catch (MailboxBodyException exception)
            {
                // Nobody can handle it, so it is put aside rather than received for ever.
                Log.Unreadable(logger, exception.RawMessage.Id, exception.RawMessage.Text);
                await exception.RawMessage.AckAsync(stoppingToken);
            }
            catch (MailboxReplacedException)
            {
                Log.Replaced(logger);
                lifetime.StopApplication();
                return;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Order {Number}: {What}")]
        public static partial void Done(ILogger logger, int number, string what);

        [LoggerMessage(2, LogLevel.Error, "Message {Id} is no order: {Body}")]
        public static partial void Unreadable(ILogger logger, string id, string body);

        [LoggerMessage(3, LogLevel.Warning, "Another worker has taken the orders over.")]
        public static partial void Replaced(ILogger logger);
    }
}
