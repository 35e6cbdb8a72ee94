using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Platform.ServiceDefaults.Peers;

namespace Platform.Processing.Peers;

/// <summary>A stored file, read by ranges: nothing is held open while rows are written, and any place can be read first.</summary>
internal sealed class StoredFileReader(ServiceCalls calls, ServiceCaller caller, string id) : IByteSource
{
    private const int Tries = 4;

    public long Size { get; private set; }

    /// <summary>Looks the file up.</summary>
    /// <exception cref="PermanentFaultException">It is not there, or not to be read.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        using var response = await calls.SendAsync("core", caller, () => new(HttpMethod.Get, new Uri($"/v1/files/{id}/metadata", UriKind.Relative)), cancellationToken);
        await PeerAnswers.EnsureAsync(response, $"The file {id} cannot be read", cancellationToken);
        using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
        Size = document.RootElement.GetProperty("size").GetInt64();
    }

    /// <inheritdoc/>
    /// <exception cref="PermanentFaultException">It is not there any more.</exception>
    /// <exception cref="ServiceCallException">It cannot be read now.</exception>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var wanted = (int)Math.Min(buffer.Length, Size - offset);
        var read = 0;
        for (var attempt = 1; read < wanted; attempt++)
        {
            var from = offset + read;
            try
            {
                using var response = await calls.SendAsync("core", caller, () => Range(from, offset + wanted - 1), cancellationToken);
                await PeerAnswers.EnsureAsync(response, $"The file {id} cannot be read", cancellationToken);
                await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);

                // A server that knows no ranges sends all of it.
                if (response.StatusCode != HttpStatusCode.PartialContent && from > 0)
                {
                    throw new PermanentFaultException($"The file {id} cannot be read in ranges.");
                }

                for (int more; read < wanted && (more = await content.ReadAsync(buffer[read..wanted], cancellationToken)) > 0;)
                {
                    read += more;
                }
            }
            catch (Exception e) when (e is IOException or HttpRequestException && attempt < Tries)
            {
                // Broken off in the middle: what is here stays.
            }

            if (attempt >= Tries && read < wanted)
            {
                throw new ServiceCallException($"The file {id} broke off at byte {offset + read}, again and again.");
            }
        }

        return read;
    }

    private HttpRequestMessage Range(long from, long to)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/files/" + id, UriKind.Relative));
        request.Headers.Range = new RangeHeaderValue(from, to);
        return request;
    }
}
