using System.Globalization;
using System.Net.Sockets;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Many;

/// <summary>
/// An nginx before nodes, in turn, with its own defaults for everything that is about headers. It needs <c>nginx</c> (apt). It can be
/// killed and started again on its port.
/// </summary>
internal sealed class Nginx : IAsyncDisposable
{
    private const string Program = "/usr/sbin/nginx";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mailbox-nginx-");
    private readonly int _port = FreePorts.Take();
    private WatchedProcess? _process;

    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));

    public static async Task<Nginx> StartAsync(params Uri[] nodes)
    {
        var nginx = new Nginx();
        var servers = string.Concat(nodes.Select(node => $"server {node.Authority}; "));
        await File.WriteAllTextAsync(
            Path.Combine(nginx._directory.FullName, "nginx.conf"),
            $$"""
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log stderr;
            events { }
            http {
                access_log off;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                upstream nodes { {{servers}}}
                server {
                    listen 127.0.0.1:{{nginx._port}};
                    location / {
                        proxy_pass http://nodes;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                    }
                }
            }
            """);
        await nginx.RunAsync();
        return nginx;
    }

    /// <summary>Every connection breaks; then it takes new ones on the same port.</summary>
    public async Task RestartAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
        await RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }

    private async Task RunAsync()
    {
        var program = File.Exists(Program) ? Program : Tools.Find("nginx", "apt-get install nginx");
        _process = await WatchedProcess.StartAsync(program, ["-p", _directory.FullName, "-c", "nginx.conf", "-e", "stderr"]);
        await Eventually.HoldsAsync(
            async () =>
            {
                _process.HasExited.ShouldBeFalse(_process.Describe());
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", _port);
                return true;
            },
            Patience.Start,
            "nginx takes connections");
    }
}
