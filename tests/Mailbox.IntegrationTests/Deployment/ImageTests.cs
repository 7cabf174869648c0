using System.Text.RegularExpressions;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Deployment;

/// <summary>The Dockerfile and the compose file, and that the manifests mean the same image.</summary>
public partial class ImageTests
{
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "deploy", "docker");
    private static readonly string[] Dockerfile = File.ReadAllLines(Path.Combine(Folder, "Dockerfile"));

    private static Manifest Compose => Manifest.ReadAll(File.ReadAllText(Path.Combine(Folder, "compose.yaml"))).Single();

    [Fact]
    public void Each_base_is_an_argument_and_of_a_certain_version()
    {
        var bases = Dockerfile.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ToList();

        bases.Count.ShouldBe(2);
        bases.ShouldAllBe(line => line.Contains("${", StringComparison.Ordinal));
        var defaults = Dockerfile.Where(line => line.StartsWith("ARG ", StringComparison.Ordinal)).Select(line => line.Split('=')[1]).ToList();
        defaults.Count.ShouldBe(2);
        defaults.ShouldAllBe(image => Images.IsCertain(image));
        defaults[1].ShouldEndWith("chiseled");
    }

    [Fact]
    public async Task The_user_and_the_port_are_those_that_the_manifests_name()
    {
        var node = (await Rendered.OfAsync("overlays/production")).Node;

        var user = node.Text("spec.template.spec.securityContext.runAsUser");
        Said("USER").ShouldBe($"{user}:{node.Text("spec.template.spec.securityContext.runAsGroup")}");
        Said("EXPOSE").ShouldBe(node.Text("spec.template.spec.containers.0.ports.0.containerPort"));
        Said("ENV ASPNETCORE_HTTP_PORTS", "=").ShouldBe(Said("EXPOSE"));
    }

    [Fact]
    public void The_last_stage_needs_no_shell()
    {
        var last = Dockerfile[Array.FindLastIndex(Dockerfile, line => line.StartsWith("FROM ", StringComparison.Ordinal))..];

        last.ShouldNotContain(line => line.StartsWith("RUN ", StringComparison.Ordinal));
        last.Single(line => line.StartsWith("ENTRYPOINT ", StringComparison.Ordinal)).ShouldBe("""ENTRYPOINT ["dotnet", "MailboxServer.dll"]""");
    }

    [Fact]
    public void Each_service_of_the_compose_file_is_restricted_and_of_a_certain_image()
    {
        var services = Services().ToList();

        services.Count.ShouldBe(4);
        foreach (var (name, service) in services)
        {
            service.Text("read_only").ShouldBe("true", name);
            service.At("cap_drop")?.ToString().ShouldBe("[ ALL ]", name);
            service.At("security_opt")?.ToString().ShouldBe("[ no-new-privileges:true ]", name);
            var image = Variable().Replace(service.Text("image")!, match => match.Groups[1].Value);
            Images.IsCertain(image).ShouldBeTrue($"{name}: {image}");
        }
    }

    [Fact]
    public void Only_the_proxy_is_reached_from_outside_and_from_this_machine_only()
    {
        var (name, service) = Services().Single(pair => pair.Service.At("ports") is not null);

        name.ShouldBe("proxy");
        service.At("ports")!.ToString().ShouldStartWith("[ 127.0.0.1:");
    }

    private static IEnumerable<(string Name, Manifest Service)> Services() =>
        ((YamlDotNet.RepresentationModel.YamlMappingNode)Compose.At("services")!).Children
            .Select(pair => (pair.Key.ToString(), new Manifest((YamlDotNet.RepresentationModel.YamlMappingNode)pair.Value)));

    private static string? Said(string instruction, string separator = " ") =>
        Dockerfile.Single(line => line.StartsWith(instruction + separator, StringComparison.Ordinal))[(instruction.Length + 1)..];

    [GeneratedRegex(@"\$\{[A-Z_]+:-([^}]+)\}")]
    private static partial Regex Variable();
}
