using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Tests.Problems;

/// <summary>What fails after the answer has begun, or after the caller has gone.</summary>
public sealed class CutAnswerTests
{
    [Fact]
    public async Task A_failure_in_the_middle_of_an_answer_cuts_it_off()
    {
        await using var service = await SampleService.StartAsync(app => app.MapGet("/half", async (HttpContext http) =>
        {
            await http.Response.WriteAsync("half");
            await http.Response.Body.FlushAsync();
            throw new InvalidOperationException("the other half");
        }).AllowEverybody());
        using var client = service.Client();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync("/half"));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Nothing_is_written_once_the_answer_has_begun_or_the_caller_has_gone(bool started, bool gone)
    {
        var http = new DefaultHttpContext();
        var response = new Begun(started);
        var lifetime = new Lifetime(gone);
        http.Features.Set<IHttpResponseFeature>(response);
        http.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        await new ExceptionMiddleware(_ => throw new InvalidOperationException("late"), NullLogger<ExceptionMiddleware>.Instance).InvokeAsync(http);
        Assert.Equal(started ? 200 : 499, response.StatusCode);
        Assert.Equal(started && !gone, lifetime.Aborted);
    }

    private sealed class Begun(bool started) : HttpResponseFeature
    {
        public override bool HasStarted => started;
    }

    private sealed class Lifetime(bool gone) : IHttpRequestLifetimeFeature
    {
        public bool Aborted { get; private set; }
        public CancellationToken RequestAborted { get; set; } = new(gone);

        public void Abort() => Aborted = true;
    }
}
