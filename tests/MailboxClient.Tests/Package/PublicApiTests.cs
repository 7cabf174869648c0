using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>A change of what users compile against is a decision: it stands in a file.</summary>
public sealed class PublicApiTests
{
    /// <summary>Set to 1, the test writes the file instead of comparing it. Read the difference before you commit it.</summary>
    private const string Accept = "MAILBOX_ACCEPT_API";

    [Theory]
    [InlineData(typeof(MailboxClient))]
    [InlineData(typeof(MailboxName))]
    public async Task The_public_members_are_those_of_the_file(Type oneOfThem)
    {
        var assembly = oneOfThem.Assembly;
        var file = Path.Combine(RepositoryRoot.Path, "src", assembly.GetName().Name!, "PublicApi.txt");
        var now = PublicApi.Of(assembly);
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            await File.WriteAllTextAsync(file, now, TestContext.Current.CancellationToken);
        }

        var then = File.Exists(file) ? await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) : "";
        var (gone, come) = (then.Split('\n').Except(now.Split('\n')), now.Split('\n').Except(then.Split('\n')));
        now.ShouldBe(then, $"gone: {string.Join(" | ", gone)}\ncome: {string.Join(" | ", come)}\n{Accept}=1 accepts it.");
    }

    [Fact]
    public void Nothing_public_can_be_derived_from_by_accident() =>
        typeof(MailboxClient).Assembly.GetExportedTypes().Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false })
            .ShouldBe([typeof(MailboxException)]);
}
