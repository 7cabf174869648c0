using System.Text.Json.Serialization;
using Mailbox.Contracts;

namespace Mailbox.Client.Http;

/// <summary>Passes over members that it does not know: a newer server's answers are read, too.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeliveryResult))]
[JsonSerializable(typeof(DeliverManyResponse))]
[JsonSerializable(typeof(AckRequest))]
[JsonSerializable(typeof(TicketRequest))]
[JsonSerializable(typeof(TicketAnswer))]
[JsonSerializable(typeof(GroupMember))]
[JsonSerializable(typeof(GroupInfo))]
[JsonSerializable(typeof(GroupDelivery))]
internal sealed partial class ClientJsonContext : JsonSerializerContext;
