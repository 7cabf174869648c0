using System.Collections.Concurrent;
using System.Diagnostics;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Deployment;

/// <summary>What <c>kubectl kustomize</c> makes of an overlay, or of the base with one component.</summary>
internal sealed record Rendered(string What, IReadOnlyList<Manifest> All)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly ConcurrentDictionary<string, Task<Rendered>> Done = new();

    public static string Folder { get; } = Path.Combine(RepositoryRoot.Path, "deploy", "k8s");

    /// <summary>What people apply.</summary>
    public static IEnumerable<string> Overlays => NamesIn("overlays");

    /// <summary>Those, and each component on the base.</summary>
    public static IEnumerable<string> Everything => [.. Overlays, .. NamesIn("components")];

    public Manifest Node => All.Single(one => one.Kind == "Deployment" && one.Name == "mailbox-server");

    public IEnumerable<Manifest> Workloads => All.Where(one => one.IsWorkload);

    /// <summary>Settings of the nodes, by their names in the environment.</summary>
    public IReadOnlyDictionary<string, string> NodeSettings => All
        .Where(one => one.Kind == "ConfigMap" && Node.List("spec.template.spec.containers.0.envFrom").Any(from => from.Text("configMapRef.name") == one.Name))
        .SelectMany(map => map.Map("data"))
        .Concat(Node.List("spec.template.spec.containers.0.env").Where(one => one.At("value") is not null)
            .Select(one => KeyValuePair.Create(one.Text("name")!, one.Text("value")!)))
        .ToDictionary();

    /// <param name="name">As in <see cref="Everything"/>.</param>
    public static Task<Rendered> OfAsync(string name) => Done.GetOrAdd(name, RenderAsync);

    private static IEnumerable<string> NamesIn(string kind) =>
        Directory.GetDirectories(Path.Combine(Folder, kind)).Order().Select(directory => $"{kind}/{Path.GetFileName(directory)}");

    private static async Task<Rendered> RenderAsync(string name)
    {
        var directory = Path.Combine(Folder, name);
        if (!name.StartsWith("components", StringComparison.Ordinal))
        {
            return new Rendered(name, Manifest.ReadAll(await KustomizeAsync(directory)));
        }

        // kustomize wants relative paths, and a component only stands on something.
        var stand = Directory.CreateDirectory(Path.Combine(RepositoryRoot.Path, "artifacts", Names.Fresh("kustomize")));
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(stand.FullName, "kustomization.yaml"),
                $"namespace: test\nresources: [../../deploy/k8s/base]\ncomponents: [../../deploy/k8s/{name}]\n");
            return new Rendered(name, Manifest.ReadAll(await KustomizeAsync(stand.FullName)));
        }
        finally
        {
            stand.Delete(recursive: true);
        }
    }

    private static async Task<string> KustomizeAsync(string directory)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Tools.Find("kubectl", "https://kubernetes.io/docs/tasks/tools/ (1.27 or newer; it needs no cluster)"), ["kustomize", directory])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Deadline);
        process.ExitCode.ShouldBe(0, await error);
        (await error).ShouldBeEmpty("kustomize warns of what it will not take one day");
        return await output;
    }
}
