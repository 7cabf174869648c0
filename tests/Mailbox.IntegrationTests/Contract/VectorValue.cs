using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Contract;

/// <summary>
/// A value of a vector: text; a number; an array; <c>{"base64":…}</c> and <c>{"repeat":…,"times":…}</c> for bytes that text
/// cannot say or had better not; <c>{"matches":…}</c> where only the form is determined; <c>{"error":…}</c> for an error
/// reply that begins so.
/// </summary>
internal static class VectorValue
{
    public static byte[] BytesOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(value.GetString()!)
        : value.TryGetProperty("base64", out var base64) ? base64.GetBytesFromBase64()
        : Encoding.UTF8.GetBytes(string.Concat(
            Enumerable.Repeat(value.GetProperty("repeat").GetString()!, value.GetProperty("times").GetInt32())));

    /// <param name="expected">Of the vector.</param>
    /// <param name="actual">As <see cref="RedisCli"/> gives it, or an error.</param>
    /// <param name="where">For the message of a failure.</param>
    public static void ShouldMatch(JsonElement expected, object? actual, string where)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Null:
                actual.ShouldBeNull(where);
                break;
            case JsonValueKind.Number:
                actual.ShouldBe(expected.GetInt64(), where);
                break;
            case JsonValueKind.Array:
                var items = actual.ShouldBeOfType<object?[]>($"{where}: {Describe(actual)}");
                items.Length.ShouldBe(expected.GetArrayLength(), where);
                foreach (var (item, i) in expected.EnumerateArray().Select((item, i) => (item, i)))
                {
                    ShouldMatch(item, items[i], $"{where}[{i}]");
                }

                break;
            case JsonValueKind.Object when expected.TryGetProperty("error", out var error):
                actual.ShouldBeOfType<RedisErrorException>($"{where}: {Describe(actual)}")
                    .Message.ShouldStartWith(error.GetString()!, Case.Sensitive, where);
                break;
            case JsonValueKind.Object when expected.TryGetProperty("matches", out var pattern):
                Regex.IsMatch(Describe(actual), pattern.GetString()!, RegexOptions.CultureInvariant)
                    .ShouldBeTrue($"{where}: {Describe(actual)} does not match {pattern}");
                break;
            default:
                BytesOf(expected).AsSpan().SequenceEqual(actual as byte[] ?? Encoding.UTF8.GetBytes(Describe(actual)))
                    .ShouldBeTrue($"{where}: {Describe(actual)} is not {expected}");
                break;
        }
    }

    private static string Describe(object? reply) => reply switch
    {
        null => "nothing",
        byte[] bulk => Encoding.UTF8.GetString(bulk),
        Exception error => error.Message,
        object?[] items => $"[{string.Join(", ", items.Select(Describe))}]",
        _ => Convert.ToString(reply, CultureInfo.InvariantCulture)!,
    };
}
