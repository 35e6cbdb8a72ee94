using System.Net;
using Platform.ServiceDefaults.Grpc.Hosting;

namespace Platform.Standalone;

/// <summary>What a person sees once the platform answers: where it is, where the key is, and what to paste.</summary>
internal static class Welcome
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Waits until <c>/health/ready</c> says so, then prints.</summary>
    public static async Task PrintAsync(StandaloneSettings settings, GrpcEndpoint grpc, TimeSpan sinceStart, CancellationToken stopping)
    {
        var url = $"http://localhost:{settings.Port}";
        if (!await IsReadyAsync(url, stopping))
        {
            return;
        }

        var key = Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(settings.DataDirectory, "api-key"));
        Console.WriteLine($"""

            Platform is ready at {url} ({sinceStart.TotalSeconds:0.0} s). The API key is in {key}. gRPC is at {grpc.Address?.Authority}. Try:

              KEY=$(cat {key})
              curl {url}/v1/resources -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -H 'Idempotency-Key: first' -d '{"{"}"type":"order","data":{"{"}"total":42{"}"}{"}"}'
              curl "{url}/v1/search?q=42" -H "Authorization: Bearer $KEY"

            The API is described at {url}/docs.

            """);
    }

    private static async Task<bool> IsReadyAsync(string url, CancellationToken stopping)
    {
        using var client = new HttpClient();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(Deadline);
        try
        {
            while ((await client.GetAsync(url + "/health/ready", deadline.Token)).StatusCode != HttpStatusCode.OK)
            {
                await Task.Delay(20, deadline.Token);
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
