using System.Text;
using System.Text.Json;
using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>
/// <c>POST /v1/messages</c>: one JSON object, or NDJSON of such objects. Everything is read and checked before the first
/// message is stored; then each mailbox succeeds or fails by itself.
/// </summary>
internal sealed class DeliverManyEndpoint(ManyMailboxes mailboxes, CallerRates rates, BodyBudget bodies, MailboxOptions options)
{
    /// <summary>10,000 of the longest names beside the largest body in base64, and as much again.</summary>
    private const long MaxBytes = 8 * 1024 * 1024;

    public async Task HandleAsync(HttpContext http)
    {
        var mediaType = RequestReader.MediaTypeOf(http);
        var isLines = mediaType is "application/x-ndjson" or "application/ndjson" or "application/jsonl";
        if (!isLines && mediaType is not "application/json")
        {
            throw new ProblemException(Problem.UnsupportedMediaType("application/json, or application/x-ndjson with an object on each line."));
        }

        rates.TakeDelivery(http);
        var body = await RequestReader.BodyOfAsync(http, MaxBytes);
        bodies.Take(body.Length);
        try
        {
            await DeliverAsync(http, isLines ? ReadLines(body) : Read(body, MaxRecipients));
        }
        finally
        {
            bodies.Return(body.Length);
        }
    }

    private int MaxRecipients => options.Limits.RecipientsPerCall;

    private async Task DeliverAsync(HttpContext http, List<(string Mailbox, Delivery Delivery)> plan)
    {
        rates.TakeDeliveries(http, plan.Count - 1);
        var results = await mailboxes.DeliverAsync(
            new(Caller.Of(http), NodeMetrics.Many, CountedDeliveries.TraceOf(http)), plan, http.RequestAborted);
        await http.Response.WriteAsJsonAsync(
            new DeliverManyResponse(results), MailboxJsonContext.Default.DeliverManyResponse, cancellationToken: http.RequestAborted);
    }

    private List<(string Mailbox, Delivery Delivery)> ReadLines(byte[] body)
    {
        var plan = new List<(string, Delivery)>();
        var line = 0;
        foreach (var range in body.AsSpan().Split((byte)'\n'))
        {
            line++;
            var text = body.AsSpan(range).Trim(" \t\r"u8);
            if (text.IsEmpty)
            {
                continue;
            }

            try
            {
                plan.AddRange(Read(text, MaxRecipients - plan.Count));
            }
            catch (JsonException)
            {
                throw new ProblemException(Problem.InvalidBody($"Line {line} is not a valid object. Nothing was delivered."));
            }
            catch (ProblemException exception)
            {
                throw new ProblemException(exception.Problem with { Detail = $"Line {line}: {exception.Problem.Detail} Nothing was delivered." });
            }
        }

        return plan.Count > 0 ? plan : throw new ProblemException(Problem.InvalidBody("There is no line with an object."));
    }

    /// <param name="json">One object.</param>
    /// <param name="left">How many recipients it may name: those over the limit are refused before more is made of them.</param>
    private List<(string Mailbox, Delivery Delivery)> Read(ReadOnlySpan<byte> json, int left)
    {
        if (Recipients.IsOver(json, left))
        {
            throw new ProblemException(Problem.TooLarge(MaxBytes) with { Detail = $"At most {MaxRecipients} recipients." });
        }

        var request = RequestReader.JsonOf(json, MailboxJsonContext.Default.DeliverManyRequest);
        if (request.To is not { Count: > 0 } || request.To.Any(name => name is null))
        {
            throw new ProblemException(Problem.InvalidBody("'to' names at least one mailbox."));
        }

        var names = request.To.Distinct(StringComparer.Ordinal).ToList();
        var (body, contentType) = BodyOf(request);
        if (body.Length > options.MaxMessageBytes)
        {
            throw new ProblemException(Problem.TooLarge(options.MaxMessageBytes));
        }

        var delivery = DeliveryRules.CheckMembers(new Delivery
        {
            Body = body,
            ContentType = contentType,
            Type = request.Type,
            Topic = request.Topic,
            TimeToLive = request.Ttl,
            IdempotencyKey = request.IdempotencyKey,
        });
        return [.. names.Select(name => (name, delivery))];
    }

    private static (byte[] Body, string? ContentType) BodyOf(DeliverManyRequest request)
    {
        if (request.Data.ValueKind == JsonValueKind.Undefined == request.DataBase64 is null)
        {
            throw new ProblemException(Problem.InvalidBody("Either 'data' or 'dataBase64' is the body."));
        }

        if (request.DataBase64 is { } base64)
        {
            try
            {
                return (Convert.FromBase64String(base64), request.ContentType);
            }
            catch (FormatException)
            {
                throw new ProblemException(Problem.InvalidBody("'dataBase64' is not base64."));
            }
        }

        var data = request.Data;
        var isText = data.ValueKind == JsonValueKind.String &&
            (request.ContentType is null || !BodyForms.IsJsonType(request.ContentType));
        if (!isText)
        {
            return (Encoding.UTF8.GetBytes(data.GetRawText()), request.ContentType ?? "application/json");
        }

        try
        {
            return (Encoding.UTF8.GetBytes(data.GetString()!), request.ContentType ?? "text/plain; charset=utf-8");
        }
        catch (InvalidOperationException)
        {
            throw new ProblemException(Problem.InvalidBody("'data' holds half of a surrogate pair, which is no text."));
        }
    }
}
