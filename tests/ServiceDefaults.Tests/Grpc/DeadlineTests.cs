using Platform.ServiceDefaults.Grpc;
using Platform.ServiceDefaults.Grpc.Wire;
using Platform.ServiceDefaults.Tests.Grpc.Wire;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Grpc;

/// <summary>Deadlines, and callers who go.</summary>
public sealed class DeadlineTests(ProbeFixture probe) : IClassFixture<ProbeFixture>
{
    private const string Slow = "/test.v1.Probe/Slow";

    [Theory]
    [InlineData("1H", 3600)]
    [InlineData("2M", 120)]
    [InlineData("30S", 30)]
    [InlineData("1500m", 1.5)]
    [InlineData("2000000u", 2)]
    [InlineData("99999999n", 0.0999999)]
    [InlineData("0S", 0)]
    public void A_timeout_is_digits_and_a_unit(string text, double seconds)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(seconds, timeout!.Value.TotalSeconds, 6);
    }

    [Fact]
    public void A_timeout_of_years_is_none()
    {
        Assert.True(GrpcTimeout.TryParse("99999999H", out var timeout));
        Assert.Null(timeout);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("S")]
    [InlineData("123456789S")]
    [InlineData("-1S")]
    [InlineData("1.5S")]
    [InlineData(" 1S")]
    [InlineData("1s")]
    [InlineData("1 S")]
    public async Task Another_timeout_is_refused(string text)
    {
        Assert.False(GrpcTimeout.TryParse(text, out _));
        using var client = probe.Client();
        if (text.Trim() == text)
        {
            Assert.Equal((int)GrpcCode.InvalidArgument, (await client.CallAsync(ProbeFixture.Echo, new ProbeRequest { Id = "a" }, ("grpc-timeout", text))).Status);
        }
    }

    [Fact]
    public async Task A_deadline_ends_the_call_and_cancels_its_work()
    {
        probe.SlowCancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var client = probe.Client();
        var answer = await client.CallAsync(Slow, new ProbeRequest { Id = "a" }, ("grpc-timeout", "150m"));
        Assert.Equal((int)GrpcCode.DeadlineExceeded, answer.Status);
        Assert.Empty(answer.Frames);
        await probe.SlowCancelled.Task.WaitAsync(Eventually.Deadline);
    }

    [Fact]
    public async Task A_deadline_that_has_passed_before_is_too_late()
    {
        using var client = probe.Client();
        Assert.Equal((int)GrpcCode.DeadlineExceeded, (await client.CallAsync(ProbeFixture.Echo, new ProbeRequest { Id = "a" }, ("grpc-timeout", "0n"))).Status);
    }

    [Fact]
    public async Task A_generous_deadline_changes_nothing()
    {
        using var client = probe.Client();
        Assert.Equal(0, (await client.CallAsync(ProbeFixture.Echo, new ProbeRequest { Id = "a" }, ("grpc-timeout", "99999999H"))).Status);
        Assert.Equal(0, (await client.CallAsync(ProbeFixture.Echo, new ProbeRequest { Id = "a" }, ("grpc-timeout", "1H"))).Status);
    }

    [Fact]
    public async Task A_deadline_also_ends_the_wait_for_a_message()
    {
        using var client = probe.Client();
        using var never = new NeverContent();
        using var response = await client.SendAsync(GrpcClient.Request(ProbeFixture.Echo, never, ("grpc-timeout", "150m")));
        Assert.Equal("4", Assert.Single(response.Headers.GetValues("grpc-status")));
    }

    [Fact]
    public async Task A_caller_who_goes_cancels_the_work()
    {
        probe.SlowStarted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        probe.SlowCancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var client = probe.Client();
        using var gone = new CancellationTokenSource();
        var call = client.OpenAsync(Slow, [GrpcClient.Frame(new ProbeRequest { Id = "a" })], gone.Token);
        await probe.SlowStarted.Task.WaitAsync(Eventually.Deadline);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await probe.SlowCancelled.Task.WaitAsync(Eventually.Deadline);
    }

    /// <summary>A body that does not come.</summary>
    private sealed class NeverContent : HttpContent
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.FlushAsync();
            await _end.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            _end.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
