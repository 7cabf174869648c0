using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>What a user gets from <c>dotnet add package MailboxClient</c>.</summary>
[Collection(Alone.Name)]
public sealed class PackageTests(PackageFixture package, ServerFixture server) : IClassFixture<PackageFixture>, IClassFixture<ServerFixture>
{
    [Theory]
    [InlineData("MailboxClient")]
    [InlineData("MailboxContracts")]
    public void A_package_has_what_a_user_looks_for(string id)
    {
        using var zip = ZipFile.OpenRead(Path.Combine(package.Packages, $"{id}.{PackageFixture.Version}.nupkg"));
        var files = zip.Entries.Select(entry => entry.FullName).ToList();
        files.ShouldContain("README.md");
        files.ShouldContain("icon.png");
        files.ShouldContain($"lib/net10.0/{id}.dll");
        files.ShouldContain($"lib/net10.0/{id}.xml");
        using var nuspec = zip.GetEntry($"{id}.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Descendants().ToLookup(element => element.Name.LocalName, element => element.Value);
        metadata["license"].ShouldBe(["MIT"]);
        metadata["readme"].ShouldBe(["README.md"]);
        metadata["icon"].ShouldBe(["icon.png"]);
        metadata["description"].Single().ShouldNotBe("Package Description");

        using var symbols = ZipFile.OpenRead(Path.Combine(package.Packages, $"{id}.{PackageFixture.Version}.snupkg"));
        symbols.Entries.Select(entry => entry.FullName).ShouldContain($"lib/net10.0/{id}.pdb");
    }

    [Fact]
    public void The_client_brings_its_contracts_and_Microsofts_extensions_along_and_nothing_else()
    {
        using var zip = ZipFile.OpenRead(Path.Combine(package.Packages, $"MailboxClient.{PackageFixture.Version}.nupkg"));
        using var nuspec = zip.GetEntry("MailboxClient.nuspec")!.Open();
        var needed = XDocument.Load(nuspec).Descendants().Where(element => element.Name.LocalName == "dependency")
            .Select(element => (string)element.Attribute("id")!).ToList();
        needed.ShouldContain("MailboxContracts");
        needed.Where(id => id != "MailboxContracts").ShouldAllBe(id => id.StartsWith("Microsoft.Extensions."));
    }

    [Fact]
    public async Task A_trimmed_program_that_has_the_package_sends_and_receives()
    {
        var output = Path.Combine(package.Directory.FullName, "app");
        await package.RunAsync(
            "dotnet",
            "publish", Path.Combine(RepositoryRoot.Path, "tests", "TrimmedApp"), "-c", "Release", "-o", output,
            "-r", RuntimeInformation.RuntimeIdentifier, "-p:PublishTrimmed=true",
            $"-p:MailboxPackages={package.Packages}", $"-p:MailboxClientVersion={PackageFixture.Version}",
            "--artifacts-path", Path.Combine(package.Directory.FullName, "app-artifacts"),
            // The packages that we made must not stay among the user's.
            $"-p:RestorePackagesPath={Path.Combine(package.Directory.FullName, "restored")}", $"-p:RestoreFallbackFolders={UsersPackages}");

        File.Exists(Path.Combine(output, "Microsoft.CSharp.dll")).ShouldBeFalse("it is trimmed");
        var lines = (await package.RunAsync(Path.Combine(output, "TrimmedApp"), server.Node.BaseAddress.ToString(), Names.Fresh("trimmed")))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        lines.ShouldBe(new[] { "ServerSentEvents", "WebSocket", "LongPoll" }
            .SelectMany(transport => new[] { $"{transport}: no greeting", $"{transport}: hello 2", $"{transport}: many 3" })
            .Append("Several: both"));
    }

    private static string UsersPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES") ??
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
