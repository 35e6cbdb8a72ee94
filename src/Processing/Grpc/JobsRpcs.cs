using Platform.Contracts.Protos.V1;
using Platform.ServiceDefaults.Grpc.Hosting;

namespace Platform.Processing.Grpc;

/// <summary><c>platform.v1.Jobs</c>: the route that each method is.</summary>
internal static class JobsRpcs
{
    public static IServiceCollection AddJobsRpcs(this IServiceCollection services) =>
        services.AddGrpcService(JobsReflection.Descriptor.Services[0], jobs => jobs
            .Map("Create", "POST", "/v1/jobs")
            .Map("Get", "GET", "/v1/jobs/{id}")
            .Map("List", "GET", "/v1/jobs")
            .Map("Cancel", "POST", "/v1/jobs/{id}:cancel")
            .Map("Retry", "POST", "/v1/jobs/{id}:retry"));
}
