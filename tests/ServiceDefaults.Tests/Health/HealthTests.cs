using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Platform.ServiceDefaults.Health;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Health;

public sealed class HealthTests
{
    [Fact]
    public async Task AServiceIsReadyAndSaysSoInPlainJson()
    {
        await using var service = await SampleService.StartAsync(_ => { });
        using var client = new HttpClient { BaseAddress = service.BaseAddress };
        await Eventually.IsTrueAsync(async () => (await client.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "ready");

        foreach (var path in (string[])["/health/live", "/health/ready"])
        {
            var answer = await client.GetAsync(path);
            Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        }
    }

    [Fact]
    public async Task EveryFailureIsNamedAndNoneHoldsTheAnswerUp()
    {
        await using var service = await SampleService.StartAsync(_ => { }, services => services
            .AddSingleton<IReadinessCheck>(new Check("says_no", _ => Task.FromResult<string?>("not yet")))
            .AddSingleton<IReadinessCheck>(new Check("throws", _ => throw new InvalidOperationException("secret")))
            .AddSingleton<IReadinessCheck>(new Check("hangs", _ => new TaskCompletionSource<string?>().Task)));
        using var client = new HttpClient { BaseAddress = service.BaseAddress, Timeout = TimeSpan.FromSeconds(10) };

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.GetAsync("/health/ready")));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.ServiceUnavailable, a.StatusCode));
        var failures = (await answers[0].Content.ReadFromJsonAsync<JsonElement>()).GetProperty("failures");
        Assert.Equal("not yet", failures.GetProperty("says_no").GetString());
        Assert.Equal("failed", failures.GetProperty("throws").GetString());
        Assert.Equal("no answer in time", failures.GetProperty("hangs").GetString());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live")).StatusCode);
    }

    [Fact]
    public async Task EveryInstanceBecomesReadyAlsoThoseThatReadNoPartition()
    {
        // The topic has three partitions: of five instances two own none.
        await using var first = await SampleService.StartAsync(_ => { });
        var others = new List<TestService>();
        try
        {
            for (var i = 0; i < 4; i++)
            {
                others.Add(await SampleService.StartAsync(_ => { }, database: first.Database, settings: [("Eventing:Instance", $"i{i}")]));
            }

            foreach (var service in others.Prepend(first))
            {
                using var client = new HttpClient { BaseAddress = service.BaseAddress };
                await Eventually.IsTrueAsync(async () => (await client.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "ready");
            }
        }
        finally
        {
            foreach (var service in others)
            {
                await service.DisposeAsync();
            }
        }
    }

    private sealed class Check(string name, Func<CancellationToken, Task<string?>> why) : IReadinessCheck
    {
        public string Name => name;

        public Task<string?> WhyNotAsync(CancellationToken cancellationToken) => why(cancellationToken);
    }
}
