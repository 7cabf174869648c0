using System.Text.Json.Serialization;

namespace Mailbox.Contracts;

/// <summary>Source-generated JSON for every wire type: camelCase, absent instead of null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    MaxDepth = 64)]
[JsonSerializable(typeof(DeliveryResult))]
[JsonSerializable(typeof(DeliverManyRequest))]
[JsonSerializable(typeof(DeliverManyResponse))]
[JsonSerializable(typeof(DeliverSplitResponse))]
[JsonSerializable(typeof(MailboxSettings))]
[JsonSerializable(typeof(MailboxInfo))]
[JsonSerializable(typeof(MailboxList))]
[JsonSerializable(typeof(NodeList))]
[JsonSerializable(typeof(NodeInfo))]
[JsonSerializable(typeof(ServerInfo))]
[JsonSerializable(typeof(AckRequest))]
[JsonSerializable(typeof(OpenListRequest))]
[JsonSerializable(typeof(OpenListAnswer))]
[JsonSerializable(typeof(TicketRequest))]
[JsonSerializable(typeof(TicketAnswer))]
[JsonSerializable(typeof(RevocationRequest))]
[JsonSerializable(typeof(SystemEvent))]
[JsonSerializable(typeof(GroupInfo))]
[JsonSerializable(typeof(GroupList))]
[JsonSerializable(typeof(NodeFigures))]
[JsonSerializable(typeof(GroupMember))]
[JsonSerializable(typeof(GroupDelivery))]
public sealed partial class MailboxJsonContext : JsonSerializerContext;
