using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Deployment;

/// <summary>Every rendered object by itself, and whether what it names is there.</summary>
public class ManifestTests
{
    /// <summary>The Secrets that whoever installs it brings; the overlays say how.</summary>
    private static readonly string[] Brought = ["mailbox-redis", "mailbox-access", "mailbox-tls"];

    public static TheoryData<string> Everything => [.. Rendered.Everything];

    public static TheoryData<string> Overlays => [.. Rendered.Overlays];

    [Fact]
    public void What_is_written_has_no_key_twice()
    {
        var files = Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "deploy"), "*.yaml", SearchOption.AllDirectories);
        files.Length.ShouldBeGreaterThan(20);
        foreach (var file in files)
        {
            Should.NotThrow(() => Manifest.ReadAll(File.ReadAllText(file)), file);
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Each_object_has_only_fields_that_there_are(string name)
    {
        var rendered = await Rendered.OfAsync(name);

        rendered.All.Count.ShouldBeGreaterThan(5);
        rendered.All.SelectMany(KnownFields.UnknownIn).ShouldBeEmpty();
        rendered.All.Select(one => one.ToString()).ShouldBeUnique();
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Everything_of_an_overlay_is_in_its_namespace_which_is_restricted(string name)
    {
        var rendered = await Rendered.OfAsync(name);

        var space = rendered.All.Single(one => one.Kind == "Namespace");
        space.Map("metadata.labels")["pod-security.kubernetes.io/enforce"].ShouldBe("restricted");
        rendered.All.Where(one => one != space).ShouldAllBe(one => one.Text("metadata.namespace") == space.Name);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Each_pod_is_restricted_and_bounded_and_of_a_certain_image(string name)
    {
        foreach (var workload in (await Rendered.OfAsync(name)).Workloads)
        {
            var what = $"{workload}";
            workload.Text("spec.template.spec.automountServiceAccountToken").ShouldBe("false", what);
            workload.Text("spec.template.spec.securityContext.runAsNonRoot").ShouldBe("true", what);
            workload.Number("spec.template.spec.securityContext.runAsUser").ShouldBeGreaterThan(0, what);
            workload.Text("spec.template.spec.securityContext.seccompProfile.type").ShouldBe("RuntimeDefault", what);
            foreach (var container in workload.Containers)
            {
                container.Text("securityContext.readOnlyRootFilesystem").ShouldBe("true", what);
                container.Text("securityContext.allowPrivilegeEscalation").ShouldBe("false", what);
                container.At("securityContext.capabilities.drop")?.ToString().ShouldBe("[ ALL ]", what);
                container.Map("resources.requests").Keys.ShouldBe(["cpu", "memory"], what);
                container.Map("resources.limits").Keys.ShouldContain("memory", what);
                Quantity.Bytes(container.Text("resources.limits.memory")!).ShouldBeGreaterThanOrEqualTo(Quantity.Bytes(container.Text("resources.requests.memory")!), what);
                Images.IsCertain(container.Text("image")!).ShouldBeTrue($"{what}: {container.Text("image")}");
                container.At("readinessProbe").ShouldNotBeNull(what);
                container.At("livenessProbe").ShouldNotBeNull(what);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Each_selector_finds_what_it_is_for(string name)
    {
        var rendered = await Rendered.OfAsync(name);
        foreach (var one in rendered.All)
        {
            switch (one.Kind)
            {
                case "Deployment" or "StatefulSet":
                    Finds(one.Map("spec.selector.matchLabels"), one.PodLabels).ShouldBeTrue($"{one}");
                    one.List("spec.template.spec.topologySpreadConstraints").ShouldAllBe(spread => Finds(spread.Map("labelSelector.matchLabels"), one.PodLabels));
                    break;
                case "Service":
                    var served = PodsOf(one.Map("spec.selector"));
                    var names = served.Containers.SelectMany(container => container.List("ports")).Select(port => port.Text("name")).ToList();
                    one.List("spec.ports").ShouldAllBe(port => names.Contains(port.Text("targetPort")), $"{one}");
                    break;
                case "PodDisruptionBudget":
                    PodsOf(one.Map("spec.selector.matchLabels"));
                    break;
                case "NetworkPolicy":
                    var kept = PodsOf(one.Map("spec.podSelector.matchLabels"));
                    var ports = kept.Containers.SelectMany(container => container.List("ports")).Select(port => port.Text("name")).ToList();
                    one.List("spec.ingress").SelectMany(rule => rule.List("ports")).ShouldAllBe(port => ports.Contains(port.Text("port")), $"{one}");
                    break;
                case "ServiceMonitor":
                    var watched = rendered.All.Single(other => other.Kind == "Service" && Finds(one.Map("spec.selector.matchLabels"), other.Map("metadata.labels")));
                    one.List("spec.endpoints").ShouldAllBe(endpoint => watched.List("spec.ports").Any(port => port.Text("name") == endpoint.Text("port")));
                    break;
            }
        }

        Manifest PodsOf(IReadOnlyDictionary<string, string> selector) => rendered.Workloads.Single(workload => Finds(selector, workload.PodLabels));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task What_an_object_names_is_there(string name)
    {
        var rendered = await Rendered.OfAsync(name);
        foreach (var workload in rendered.Workloads)
        {
            var (pod, container) = ("spec.template.spec", "spec.template.spec.containers.0");
            var maps = workload.List($"{container}.envFrom").Select(from => from.Text("configMapRef.name"))
                .Concat(workload.List($"{pod}.volumes").Select(volume => volume.Text("configMap.name")));
            Exist("ConfigMap", maps);
            var secrets = workload.List($"{container}.envFrom").Select(from => from.Text("secretRef.name"))
                .Concat(workload.List($"{pod}.volumes").Select(volume => volume.Text("secret.secretName")))
                .Concat(workload.List($"{container}.env").Select(variable => variable.Text("valueFrom.secretKeyRef.name")));
            Exist("Secret", secrets.Except(Brought));
            Exist("ServiceAccount", [workload.Text($"{pod}.serviceAccountName")]);
            var volumes = workload.List($"{pod}.volumes").Concat(workload.List("spec.volumeClaimTemplates")).Select(one => one.Text("name") ?? one.Name);
            workload.List($"{container}.volumeMounts").Select(mount => mount.Text("name")).ShouldBe(volumes, ignoreOrder: true, $"{workload}");
        }

        foreach (var ingress in rendered.All.Where(one => one.Kind == "Ingress"))
        {
            var backends = ingress.List("spec.rules").SelectMany(rule => rule.List("http.paths")).ToList();
            Exist("Service", backends.Select(path => path.Text("backend.service.name")));
            Exist("Secret", ingress.List("spec.tls").Select(tls => tls.Text("secretName")).Except(Brought));
        }

        Exist("Service", rendered.All.Where(one => one.Kind == "HTTPRoute").SelectMany(route => route.List("spec.rules")).SelectMany(rule => rule.List("backendRefs")).Select(backend => backend.Text("name")));
        Exist("Deployment", rendered.All.Where(one => one.Kind == "HorizontalPodAutoscaler").Select(scaler => scaler.Text("spec.scaleTargetRef.name")));

        void Exist(string kind, IEnumerable<string?> names) =>
            names.Where(one => one is not null).ShouldAllBe(wanted => rendered.All.Any(one => one.Kind == kind && one.Name == wanted), kind);
    }

    private static bool Finds(IReadOnlyDictionary<string, string> selector, IReadOnlyDictionary<string, string> labels) =>
        selector.Count > 0 && selector.All(pair => labels.TryGetValue(pair.Key, out var value) && value == pair.Value);
}
