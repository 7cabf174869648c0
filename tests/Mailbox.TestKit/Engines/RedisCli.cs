using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mailbox.TestKit;

/// <summary>
/// One connection that speaks RESP2, and nothing more: what a sender in any language does, without the client library
/// that the server uses. One call at a time; others wait.
/// </summary>
public sealed class RedisCli : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly RespReader _reader;
    private readonly SemaphoreSlim _turn = new(1);

    private RedisCli(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
        _reader = new RespReader(_stream);
    }

    /// <summary>How long a call may take. One that takes longer throws, and the connection is of no further use.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);

    public static async Task<RedisCli> ConnectAsync(
        IPEndPoint endPoint, string? password = null, CancellationToken cancellationToken = default)
    {
        var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync(endPoint, cancellationToken);
            var cli = new RedisCli(client);
            if (password is not null)
            {
                await cli.ExecuteAsync("AUTH", password);
            }

            return cli;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <param name="args">The command and its arguments: byte[] as it is, anything else as invariant UTF-8 text.</param>
    /// <returns>long, string (a status), byte[] (a bulk string), object?[] or null.</returns>
    /// <exception cref="RedisErrorException">An error reply, also one within an array (a command of an EXEC).</exception>
    public async Task<object?> ExecuteAsync(params object[] args) => (await ExecuteManyAsync([args]))[0];

    /// <summary>The reply as text; null stays null.</summary>
    public async Task<string?> TextAsync(params object[] args) => TextOf(await ExecuteAsync(args));

    /// <summary>Sends all without waiting for a reply, then reads all.</summary>
    /// <exception cref="RedisErrorException">The first error; what came after it was executed all the same.</exception>
    public async Task<IReadOnlyList<object?>> ExecuteManyAsync(IReadOnlyList<object[]> commands)
    {
        var replies = new object?[commands.Count];
        await InTurnAsync(
            async cancellation =>
            {
                var writing = _stream.WriteAsync(RespWriter.Encode(commands), cancellation).AsTask();
                for (var i = 0; i < replies.Length; i++)
                {
                    replies[i] = await _reader.ReadAsync(cancellation);
                }

                await writing;
            },
            Deadline);
        ThrowIfError(replies);
        return replies;
    }

    /// <summary>What comes without a call: the messages of a subscription.</summary>
    public async Task<object?> ReadAsync(TimeSpan timeout)
    {
        object? reply = null;
        await InTurnAsync(async cancellation => reply = await _reader.ReadAsync(cancellation), timeout);
        ThrowIfError(reply);
        return reply;
    }

    /// <summary>A reply as text: bulk strings as UTF-8.</summary>
    public static string? TextOf(object? reply) =>
        reply is byte[] bulk ? Encoding.UTF8.GetString(bulk) : Convert.ToString(reply, CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task InTurnAsync(Func<CancellationToken, Task> exchange, TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            await _turn.WaitAsync(deadline.Token);
            try
            {
                await exchange(deadline.Token);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException)
        {
            _client.Dispose(); // half a reply may be left
            throw new TimeoutException($"Redis did not answer within {timeout}.");
        }
    }

    private static void ThrowIfError(object? reply)
    {
        if (reply is RedisErrorException error)
        {
            throw error;
        }

        foreach (var item in reply as object?[] ?? [])
        {
            ThrowIfError(item);
        }
    }
}
