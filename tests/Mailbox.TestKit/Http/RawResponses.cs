namespace Mailbox.TestKit;

/// <summary>Takes apart what a server wrote on one connection.</summary>
public static class RawResponses
{
    /// <summary>All responses but 1xx, also one that is cut off. A switch of protocols (101) is the last.</summary>
    /// <exception cref="FormatException">It is no HTTP/1.1.</exception>
    public static async Task<IReadOnlyList<RawResponse>> ParseAsync(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var reader = new RawResponseReader(stream);
        var responses = new List<RawResponse>();
        while (await reader.ReadAsync(isHead: false, CancellationToken.None) is { Status: not 0 } response)
        {
            responses.Add(response);
            if (response.Status == 101)
            {
                break;
            }
        }

        return responses;
    }
}
