using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mailbox.TestKit;
using YamlDotNet.RepresentationModel;

namespace Mailbox.IntegrationTests.Deployment;

/// <summary>What a linter of workflows does not see: whether they fit this checkout. (`.ci/run` has the linter.)</summary>
public partial class WorkflowTests
{
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, ".github");

    public static TheoryData<string> Workflows =>
        [.. Directory.GetFiles(Path.Combine(Folder, "workflows")).Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Each_may_only_read_unless_a_job_says_more_and_no_job_goes_on_for_ever(string name)
    {
        var workflow = Read(Path.Combine(Folder, "workflows", name));

        workflow.Map("permissions").ShouldBe(new Dictionary<string, string> { ["contents"] = "read" });
        var jobs = JobsOf(workflow).ToList();
        jobs.ShouldNotBeEmpty();
        foreach (var (job, its) in jobs)
        {
            its.Number("timeout-minutes").ShouldBeInRange(1, 60, job);
        }
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Each_action_has_a_version_and_each_file_that_a_step_runs_is_here(string name)
    {
        var steps = JobsOf(Read(Path.Combine(Folder, "workflows", name))).SelectMany(job => job.Its.List("steps")).ToList();

        steps.Select(step => step.Text("uses")).OfType<string>().ShouldAllBe(action => Versioned().IsMatch(action));
        var paths = steps.Select(step => step.Text("run")).OfType<string>().SelectMany(run => Paths().Matches(run)).Select(path => path.Value).ToList();
        paths.ShouldNotBeEmpty();
        paths.ShouldAllBe(path => Path.Exists(Path.Combine(RepositoryRoot.Path, path.Replace("$project", "MailboxClient", StringComparison.Ordinal))));
    }

    [Fact]
    public void The_tests_run_on_the_Redis_clients_that_the_build_knows_and_on_each_engine()
    {
        var build = Read(Path.Combine(Folder, "workflows", "build.yml"));

        TextsOf(build.At("jobs.test.strategy.matrix.client")!).ShouldBe(
            [PropertyOf("Directory.Build.props", "StackExchangeRedisDefaultVersion"), PropertyOf("build/RedisClient3/RedisClient3.csproj", "RedisClient3Version")]);
        TextsOf(build.At("jobs.test.strategy.matrix.engine")!).Select(image => image[..image.IndexOf(':', StringComparison.Ordinal)]).Distinct().ShouldBe(["redis", "valkey/valkey"]);
    }

    [Fact]
    public void Updates_are_looked_for_wherever_a_package_is_named()
    {
        var updates = Read(Path.Combine(Folder, "dependabot.yml")).List("updates").ToList();

        foreach (var update in updates)
        {
            string[] folders = update.Text("directory") is { } one ? [one] : TextsOf(update.At("directories")!);
            folders.ShouldAllBe(folder => Directory.Exists(Path.Combine(RepositoryRoot.Path, folder.TrimStart('/'))));
        }

        updates.Select(update => update.Text("package-ecosystem")).ShouldBe(["nuget", "npm", "docker", "github-actions"]);
    }

    [Fact]
    public void Forms_for_issues_have_fields_with_names_of_their_own()
    {
        var forms = Directory.GetFiles(Path.Combine(Folder, "ISSUE_TEMPLATE")).Where(file => Path.GetFileName(file) != "config.yml").ToList();
        forms.Count.ShouldBeGreaterThan(1);
        foreach (var form in forms.Select(Read))
        {
            form.Text("description").ShouldNotBeNullOrEmpty();
            form.List("body").Select(field => field.Text("id")).OfType<string>().ShouldBeUnique();
        }
    }

    private static Manifest Read(string file) => Manifest.ReadAll(File.ReadAllText(file)).Single();

    private static IEnumerable<(string Name, Manifest Its)> JobsOf(Manifest workflow) =>
        ((YamlMappingNode)workflow.At("jobs")!).Children.Select(job => (((YamlScalarNode)job.Key).Value!, new Manifest((YamlMappingNode)job.Value)));

    private static string[] TextsOf(YamlNode list) =>
        [.. ((YamlSequenceNode)list).Children.Select(one => ((YamlScalarNode)one).Value!)];

    private static string PropertyOf(string file, string property) =>
        XDocument.Load(Path.Combine(RepositoryRoot.Path, file)).Descendants(property).First().Value;

    [GeneratedRegex(@"^[\w-]+/[\w./-]+@v\d+$")]
    private static partial Regex Versioned();

    [GeneratedRegex(@"(?<![\w/.$""])(src|tests|build|deploy|\.ci)/[\w./$-]+|(?<=\./)dev\b|Mailbox\.sln")]
    private static partial Regex Paths();
}
