using System.Text.Json;
using Platform.ServiceDefaults.Peers;

namespace Platform.Processing.Peers;

/// <summary>No further attempt can succeed; the message is the job's error.</summary>
internal sealed class PermanentFaultException(string message) : Exception(message);

/// <summary>What other services answer to jobs.</summary>
internal static class PeerAnswers
{
    private const int MaxProblem = 64 * 1024;

    /// <exception cref="PermanentFaultException">It says that the request cannot be done, and why.</exception>
    /// <exception cref="ServiceCallException">It says that it cannot be done now.</exception>
    public static async Task EnsureAsync(HttpResponseMessage response, string what, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var message = $"{what}: {await DescribeAsync(response, cancellationToken)}";

        // A secret that was just exchanged, a service that is just starting: those mend.
        throw (int)response.StatusCode is >= 400 and < 500 and not (401 or 408 or 409 or 425 or 429) ? new PermanentFaultException(message) : new ServiceCallException(message);
    }

    /// <summary>The problem document in one sentence.</summary>
    public static async Task<string> DescribeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxProblem, cancellationToken);
            using var problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            var root = problem.RootElement;
            return $"{root.GetProperty("detail").GetString()} ({(int)response.StatusCode} {root.GetProperty("code").GetString()})";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or HttpRequestException)
        {
            return $"the answer was {(int)response.StatusCode}";
        }
    }
}
