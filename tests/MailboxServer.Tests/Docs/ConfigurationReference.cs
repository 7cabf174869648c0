using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mailbox;

namespace MailboxServer.Tests;

/// <summary>The settings as the options' types have them: one row of docs/configuration.md each.</summary>
internal static partial class ConfigurationReference
{
    private static readonly Dictionary<string, XElement> Summaries = XDocument
        .Load(Path.ChangeExtension(typeof(MailboxOptions).Assembly.Location, ".xml"))
        .Descendants("member")
        .Where(member => member.Element("summary") is not null)
        .ToDictionary(member => (string)member.Attribute("name")!, member => member.Element("summary")!);

    /// <summary>Row by setting, such as <c>Mailbox:Redis:KeyPrefix</c>.</summary>
    public static Dictionary<string, string> Rows { get; } =
        RowsOf(typeof(MailboxOptions), MailboxOptions.Section).ToDictionary(row => row.Setting, row => row.Text);

    private static IEnumerable<(string Setting, string Text)> RowsOf(Type options, string section)
    {
        var defaults = Activator.CreateInstance(options)!;
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var (type, setting) = (property.PropertyType, $"{section}:{property.Name}");
            if (ElementOf(type) is { } element)
            {
                type = element;
                setting += ":0";
            }

            if (type.IsClass && type != typeof(string))
            {
                foreach (var row in RowsOf(type, setting))
                {
                    yield return row;
                }
            }
            else
            {
                var environment = setting.Replace(":", "__", StringComparison.Ordinal);
                var usual = DefaultOf(property.GetValue(defaults));
                yield return (setting, $"| `{setting}` | `{environment}` | {usual} | {RangeOf(property)} | {EffectOf(property)} |");
            }
        }
    }

    private static Type? ElementOf(Type type) =>
        type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)) ? type.GetGenericArguments()[0] : null;

    private static string DefaultOf(object? value) => value switch
    {
        null or "" or ICollection { Count: 0 } => "none",
        TimeSpan span => $"`{Short(span.ToString("c", CultureInfo.InvariantCulture))}`",
        bool flag => flag ? "`true`" : "`false`",
        IFormattable and not Enum => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        _ => $"`{value}`",
    };

    /// <summary>Ten ticks of a fraction are not how anybody writes a time.</summary>
    private static string Short(string span) => span.Contains('.', StringComparison.Ordinal) && span[^1] == '0' && Fraction().IsMatch(span)
        ? span.TrimEnd('0')
        : span;

    [GeneratedRegex(@":\d\d\.\d+$")]
    private static partial Regex Fraction();

    private static string RangeOf(PropertyInfo property)
    {
        if ((Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is { IsEnum: true } choice)
        {
            return string.Join(", ", Enum.GetNames(choice).Select(name => $"`{name}`"));
        }

        return property.GetCustomAttribute<RangeAttribute>() is { } range
                ? $"{BoundOf(range, range.Minimum)} – {BoundOf(range, range.Maximum)}"
            : property.GetCustomAttribute<RegularExpressionAttribute>() is { } pattern ? $"`{pattern.Pattern}`"
            : property.PropertyType == typeof(bool) ? "`true`, `false`"
            : "";
    }

    private static string BoundOf(RangeAttribute range, object bound) =>
        range.OperandType == typeof(TimeSpan)
            ? SpanOf(TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture))
            : Convert.ToInt64(bound, CultureInfo.InvariantCulture).ToString("#,0", CultureInfo.InvariantCulture);

    private static string SpanOf(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span switch
    {
        { Ticks: 0 } => "0",
        { TotalDays: >= 1 } => span.TotalDays == 1 ? "1 day" : $"{span.TotalDays} days",
        { TotalMinutes: >= 1 } => $"{span.TotalMinutes} min",
        _ => $"{span.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s",
    }}");

    private static string EffectOf(PropertyInfo property)
    {
        if (!Summaries.TryGetValue($"P:{property.DeclaringType!.FullName}.{property.Name}", out var summary))
        {
            throw new InvalidOperationException($"{property.DeclaringType.Name}.{property.Name} is a setting without a summary.");
        }

        var text = string.Concat(summary.Nodes().Select(TextOf));
        return Spaces().Replace(text, " ").Trim().Replace("|", @"\|", StringComparison.Ordinal);
    }

    private static string TextOf(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement link when link.Attribute("href") is { } target => $"[{link.Value}]({target.Value})",
        XElement link when link.Attribute("cref") is { } target => $"`{target.Value[(target.Value.LastIndexOf('.') + 1)..]}`",
        _ => throw new InvalidOperationException($"A summary of a setting may not hold {node}."),
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
