using System.Security.Cryptography;
using System.Text;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Rights;

/// <summary>A Redis with the users of <c>deploy/redis/users.conf</c>, filled in as that file says, and a node as one of them.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    public static readonly string File = Path.Combine(RepositoryRoot.Path, "deploy", "redis", "users.conf");

#if REDIS_CLIENT_3
    public const string NodeUser = "node";
#else
    public const string NodeUser = "default";
#endif

    private static readonly string[] Passwords = ["node", "producer", "bare", "operator"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mailbox-users-");

    public RedisServer Redis { get; private set; } = null!;

    public MailboxNode Node { get; private set; } = null!;

    /// <summary>Somebody with all rights, who is not in the file.</summary>
    public RedisCli Admin { get; private set; } = null!;

    /// <summary>The lines of the file that are users, without the word.</summary>
    public static IEnumerable<string> Users { get; } =
        [.. System.IO.File.ReadLines(File).Where(line => line.StartsWith("user ", StringComparison.Ordinal))];

    /// <summary>The rights of a user in the file: what follows the password.</summary>
    public static string[] RightsOf(string user) => Users.Single(line => line.StartsWith($"user {user} on ", StringComparison.Ordinal)).Split(' ')[4..];

    public async ValueTask InitializeAsync()
    {
        var text = await System.IO.File.ReadAllTextAsync(File);
        foreach (var name in Passwords)
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PasswordOf(name))));
            text = text.Replace($"#{name.ToUpperInvariant()}_SHA256 ", $"#{hash} ", StringComparison.Ordinal);
        }

        var filled = Path.Combine(_directory.FullName, "users.conf");
        await System.IO.File.WriteAllTextAsync(filled, text);
        Redis = await RedisServer.StartAsync(new RedisServerOptions
        {
            Password = PasswordOf("node"),
            Settings = new Dictionary<string, string> { ["include"] = filled, ["user"] = $"admin on >{PasswordOf("admin")} ~* &* +@all" },
        });
        Admin = await AsAsync("admin");
        Node = await StartNodeAsync();
    }

    public Task<MailboxNode> StartNodeAsync(params (string Name, string Value)[] settings)
    {
        var user = NodeUser == "default" ? "" : $"user={NodeUser},";
        return MailboxNode.StartAsync(new MailboxNodeOptions
        {
            Redis = $"{Redis.EndPoint},{user}password={PasswordOf("node")}",
            Http2 = true,
            StartDeadline = Patience.Start,
            Settings = settings.Append(Cluster.Unhurried).ToDictionary(setting => setting.Name, setting => setting.Value),
        });
    }

    public async Task<RedisCli> AsAsync(string user)
    {
        var cli = await RedisCli.ConnectAsync(Redis.EndPoint);
        await cli.ExecuteAsync("AUTH", user, PasswordOf(user));
        return cli;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in new IAsyncDisposable?[] { Node, Admin, Redis })
        {
            await (one?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        _directory.Delete(recursive: true);
    }

    private static string PasswordOf(string user) => "password-of-" + user;
}
