using System.Text.Json.Serialization;

namespace Mailbox.Cli;

/// <summary>For what is a JSON line of its own and no type of the contracts.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class NameContext : JsonSerializerContext;
