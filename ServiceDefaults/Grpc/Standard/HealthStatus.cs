using Microsoft.Extensions.Hosting;
using Platform.ServiceDefaults.Health;
using static Platform.Contracts.Protos.Health.HealthCheckResponse.Types;

namespace Platform.ServiceDefaults.Grpc.Standard;

/// <summary>Readiness as gRPC asks for it. Those who watch share a look, so that their number costs the database nothing.</summary>
internal sealed class HealthStatus(Readiness readiness, IServiceProvider services, IHostApplicationLifetime lifetime, GrpcOptions options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private Task<ServingStatus>? _look;
    private long _lookedAt;
    private HashSet<string>? _names;

    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>True for the server as a whole and the services that it offers.</summary>
    public bool Knows(string service)
    {
        // Asked for here rather than injected: health itself is one of them.
        _names ??= GrpcServices.Of(services).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        return service.Length == 0 || _names.Contains(service);
    }

    public async Task<ServingStatus> NowAsync() => (await readiness.WhyNotAsync()).Count == 0 ? ServingStatus.Serving : ServingStatus.NotServing;

    /// <summary>As <see cref="NowAsync"/>, at most one poll old.</summary>
    public Task<ServingStatus> RecentAsync()
    {
        lock (_gate)
        {
            if (_look is null || (_look.IsCompleted && clock.GetElapsedTime(_lookedAt) >= options.HealthPoll))
            {
                _lookedAt = clock.GetTimestamp();
                _look = NowAsync();
            }

            return _look;
        }
    }

    /// <summary>Until the next look is due.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(options.HealthPoll, clock, cancellationToken);
}
