using System.Globalization;
using Mailbox.Bench.Load;
using Mailbox.TestKit;

namespace Mailbox.Bench.Peers;

/// <summary>nginx with nchan, which keeps its messages in Redis.</summary>
internal sealed class NchanPeer : Peer
{
    private const string Module = "ngx_nchan_module.so";
    private const string Remedy = "apt-get install nginx libnginx-mod-nchan";

    /// <summary>It takes 255 names in one request at most.</summary>
    private const int MostAtOnce = 200;

    private static readonly string[] ModuleDirectories = ["/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules"];

    /// <summary>What a mailbox keeps of what its receiver has read (Mailbox:ResumeLength).</summary>
    private const int ResumeLength = 200;

    private readonly WatchedProcess _nginx;
    private readonly DirectoryInfo _directory;

    private NchanPeer(WatchedProcess nginx, DirectoryInfo directory, int port, RedisServer redis)
        : base("nchan+Redis")
    {
        _nginx = nginx;
        _directory = directory;
        Port = port;
        Redis = redis;
    }

    public override int Port { get; }

    public override int ServerPid => _nginx.Pid;

    public override RedisServer Redis { get; }

    private static string ModulePath =>
        ModuleDirectories.Select(directory => Path.Combine(directory, Module))
            .FirstOrDefault(File.Exists) ?? throw new MissingToolException(Module, Remedy);

    public static async Task<Peer> StartAsync(PeerOptions options)
    {
        var nginx = FindNginx();
        var module = ModulePath;
        var redis = await RedisServer.StartAsync(options.RedisSettings);
        var directory = Directory.CreateTempSubdirectory("mailbox-nginx-");
        var port = FreePorts.Take();
        await File.WriteAllTextAsync(
            Path.Combine(directory.FullName, "nginx.conf"), Configuration(module, port, redis.Port, options));
        var process = await WatchedProcess.StartAsync(
            nginx, ["-p", directory.FullName, "-e", "stderr", "-c", "nginx.conf"], workingDirectory: directory.FullName);
        var peer = new NchanPeer(process, directory, port, redis);
        try
        {
            await WaitUntilListeningAsync(process, port, "/health");
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    public override string DeliverTarget(string mailbox) => $"/deliver/{mailbox}";

    public override IEnumerable<ManyRequest> DeliverMany(IReadOnlyList<string> mailboxes, int bodyLength) => mailboxes
        .Chunk(MostAtOnce)
        .Select(names => ManyRequest.Of($"/many/{string.Join(',', names)}", "text/plain", "", bodyLength, ""));

    public override Opening Opening(string mailbox, Transport transport, string? cursor) => new()
    {
        Transport = transport,
        Target = transport switch
        {
            Transport.LongPoll => $"/poll/{mailbox}",
            Transport.Ndjson => $"/raw/{mailbox}",
            _ => $"/open/{mailbox}",
        },
        Headers = (transport == Transport.Sse ? "Accept: text/event-stream\r\n" : "") +
            (cursor is null ? "" : $"Last-Event-ID: {cursor}\r\n"),
    };

    public override async ValueTask DisposeAsync()
    {
        await _nginx.DisposeAsync();
        await Redis.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    // Debian keeps it where only root's PATH looks.
    public static string FindNginx() =>
        File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : Tools.Find("nginx", Remedy);

    /// <summary>
    /// What the server under test does by itself is asked of nchan, too: a day's keeping, as many messages as a
    /// mailbox keeps for a resume, a sign of life every 15 s. nginx's own limits are lifted, so that no connection of the senders is closed.
    /// </summary>
    private static string Configuration(string module, int port, int redisPort, PeerOptions options)
    {
        var workers = options.NginxWorkers == 0 ? "auto" : options.NginxWorkers.ToString(CultureInfo.InvariantCulture);
        var kept = options.MaxMessages == PeerOptions.UsualMessages ? ResumeLength : options.MaxMessages;
        var user = Environment.UserName == "root" ? "user root;" : "";
        return $$"""
            load_module {{module}};
            {{user}}
            daemon off;
            pid nginx.pid;
            error_log stderr warn;
            worker_processes {{workers}};
            worker_rlimit_nofile 20000;
            events { worker_connections 19000; }
            http {
              access_log off;
              tcp_nodelay on;
              keepalive_requests 1000000000;
              keepalive_timeout 1h;
              client_max_body_size 1m;
              client_body_buffer_size 128k;
              client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
              large_client_header_buffers 8 32k;
              nchan_max_channel_id_length 4096;
              nchan_shared_memory_size 4096M;
              upstream store { nchan_redis_server redis://127.0.0.1:{{redisPort}}; }
              server {
                listen 127.0.0.1:{{port}} backlog=4096;
                nchan_message_timeout 1d;
                nchan_message_buffer_length {{kept}};
                nchan_subscriber_first_message oldest;
                nchan_subscriber_timeout 0;
                nchan_eventsource_ping_interval 15;
                nchan_websocket_ping_interval 15;
                location = /health { return 204; }
                location ~ ^/deliver/([\w-]+)$ { nchan_publisher http; nchan_channel_id $1; nchan_redis_pass store; }
                location ~ ^/many/([\w,-]+)$ { nchan_publisher http; nchan_channel_id $1; nchan_channel_id_split_delimiter ","; nchan_redis_pass store; }
                location ~ ^/open/([\w-]+)$ { nchan_subscriber eventsource websocket; nchan_channel_id $1; nchan_redis_pass store; }
                location ~ ^/poll/([\w-]+)$ { nchan_subscriber longpoll; nchan_channel_id $1; nchan_redis_pass store; }
                location ~ ^/raw/([\w-]+)$ { nchan_subscriber http-raw-stream; nchan_channel_id $1; nchan_redis_pass store; }
              }
            }
            """;
    }
}
