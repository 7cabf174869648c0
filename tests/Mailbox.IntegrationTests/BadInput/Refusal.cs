using System.Text;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>
/// One bad request and the answer that it must get. <c>{m}</c> in target, headers and body is a mailbox that exists and
/// holds a message; <c>{n}</c> is a name that nobody has used.
/// </summary>
/// <param name="Type">Null where the web server answers by itself, without a body.</param>
internal sealed record Refusal(string Name, int Status, string? Type)
{
    public string Method { get; init; } = "POST";

    public string Target { get; init; } = "/v1/mailboxes/{m}/messages";

    /// <summary>Whole lines. Each character below 256 is one byte.</summary>
    public string[] Headers { get; init; } = [];

    public byte[] Body { get; init; } = [];

    /// <summary>False when the headers say by themselves how long the body is.</summary>
    public bool HasLength { get; init; } = true;

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public byte[] BytesFor(BadInputSite site, string mailbox, string unused)
    {
        var body = Encoding.Latin1.GetBytes(Fill(Encoding.Latin1.GetString(Body)));
        return site.Request(Method, Fill(Target), Headers.Select(Fill), body, HasLength);

        string Fill(string text) => text
            .Replace("{m}", mailbox, StringComparison.Ordinal)
            .Replace("{n}", unused, StringComparison.Ordinal);
    }

    /// <summary>The whole statement of the case.</summary>
    public async Task HoldsAsync(BadInputSite site)
    {
        var mailbox = await site.PrimedAsync();
        await site.RefusesAsync(
            Status, Type, () => site.SendAsync(BytesFor(site, mailbox, TestKit.Names.Fresh("unused"))), mailbox);
        await site.WorksAsync(mailbox, "before");
    }

    public override string ToString() => Name;
}
