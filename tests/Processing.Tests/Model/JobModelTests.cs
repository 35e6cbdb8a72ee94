using System.Diagnostics;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Platform.Processing.Tests.Model;

/// <summary>
/// Random lives of jobs against a model of them: at most one valid claim, nothing written under an old one, attempts counted right, each end once. As many
/// as fit in fifteen seconds, at most 200; <c>PLATFORM_MODEL_CASES</c> says how many without a bound in time.
/// </summary>
public sealed class JobModelTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    private static readonly int? Asked = int.TryParse(Environment.GetEnvironmentVariable("PLATFORM_MODEL_CASES"), CultureInfo.InvariantCulture, out var cases) ? cases : null;

    [Fact]
    public async Task A_job_lives_as_the_model_says()
    {
        var (started, done) = (Stopwatch.GetTimestamp(), 0);
        await CheckAsync(steps =>
        {
            if (Asked is null && Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(15))
            {
                return;
            }

            JobCase.RunAsync(fixture.Real, steps).GetAwaiter().GetResult();
            done++;
        }, Asked ?? 200);
        Assert.True(done >= 10, $"{done} cases are no test");
    }

    [Fact]
    public async Task A_store_that_forgets_tokens_is_found_out()
    {
        await using var real = await RealJobs.StartAsync(forgetsTokens: true);
        var found = await Assert.ThrowsAnyAsync<Exception>(() => CheckAsync(steps => JobCase.RunAsync(real, steps).GetAwaiter().GetResult(), 500));

        // By the end of a claim that was over, and not by anything else.
        Assert.Contains("Falsifiable", found.Message, StringComparison.Ordinal);
        Assert.Contains("Claim", found.Message, StringComparison.Ordinal);
        Assert.Contains("Assert.Equal() Failure", found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Submit 0/2,Claim 0/0,LeaseEnds 0/0,Claim 1/0,Succeed 0/0,Succeed 1/0")]
    [InlineData("Submit 0/2,Claim 0/0,LeaseEnds 0/0,Claim 0/0,Fail 0/0,Fail 0/1,TimeComes 0/0,Claim 1/0,TwoEndIt 0/0")]
    [InlineData("Submit 0/0,Claim 0/0,LeaseEnds 0/0,Claim 1/0,Succeed 1/0,Retry 0/0,Claim 2/0,Succeed 2/0")]
    [InlineData("Submit 0/0,Claim 0/0,GiveUp 0/0,Redrive 0/0,Claim 1/0,Succeed 0/0,Cancel 0/0,Succeed 1/0,Retry 0/0,Claim 0/0,Succeed 0/1")]
    [InlineData("Submit 0/0,Claim 0/0,LeaseEnds 0/0,Claim 1/0,Snooze 1/0")]
    [InlineData("Submit 0/1,Pause 0/0,Claim 0/0,Resume 0/0,Claim 0/0,Snooze 0/0,Retry 0/0,Claim 1/0,GiveBack 1/0,Claim 2/0,CancelWhileItEnds 2/0")]
    public async Task Lives_that_were_difficult_once(string text)
    {
        await JobCase.RunAsync(fixture.Real, [.. text.Split(',').Select(Parse)]);
    }

    private static Task CheckAsync(Action<Step[]> property, int cases) =>
        Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(cases).WithEndSize(60), Prop.ForAll(Step.Lists, property)));

    private static Step Parse(string text)
    {
        var parts = text.Split(' ', '/');
        return new(Enum.Parse<StepKind>(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}

/// <summary>One service for all cases: each has a tenant of its own, and they run in turn.</summary>
public sealed class ModelFixture : IAsyncLifetime
{
    internal RealJobs Real { get; private set; } = null!;

    public async Task InitializeAsync() => Real = await RealJobs.StartAsync();

    public Task DisposeAsync() => Real.DisposeAsync().AsTask();
}
