using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Mailbox.Mailboxes;
using Mailbox.TestKit;
using Microsoft.Extensions.Logging;

namespace MailboxServer.Tests;

/// <summary>An event's number means one thing, whoever filters or alerts by it.</summary>
public partial class LogEventTests
{
    private static readonly List<LoggerMessageAttribute> Events =
    [
        .. typeof(Node).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>(),
    ];

    [Fact]
    public void EventIds_OfTheWholeServer_AreUnique()
    {
        Events.Count.ShouldBeGreaterThan(20);
        Events.Select(one => one.EventId).ShouldBeUnique();
        Events.ShouldAllBe(one => one.EventId > 0);
    }

    [Fact]
    public void EventIds_AreListedWithTheirLevelsAndNoOther()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "operations", "logs.md"));

        var listed = Row().Matches(page).Select(match =>
            (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value));

        listed.ShouldBe(Events.Select(one => (one.EventId, one.Level.ToString())), ignoreOrder: true);
    }

    [GeneratedRegex(@"^\| (\d+) \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
