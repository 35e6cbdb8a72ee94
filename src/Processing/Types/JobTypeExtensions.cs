using MassTransit;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Platform.Processing.Running;

namespace Platform.Processing.Types;

/// <summary>Adds types of jobs.</summary>
public static class JobTypeExtensions
{
    /// <summary>
    /// A type of jobs and what does them. The handler is taken from a scope of its own for each attempt, unless it is registered otherwise; it
    /// returns when the job is done, having said by <see cref="JobRun"/> how it ended if not well. An exception is a failed attempt.
    /// </summary>
    /// <typeparam name="TPayload">What <c>payload</c> holds; read by System.Text.Json, names in snake_case.</typeparam>
    /// <typeparam name="THandler">A consumer of runs; its token ends with the job's timeout, its cancellation, the loss of its claim, and the process.</typeparam>
    /// <param name="services">Besides <c>AddProcessing</c>, before or after it.</param>
    /// <param name="type">As in <c>type</c>: 1 to 64 characters, unique.</param>
    /// <param name="configure">Attempts, timeout, pauses, scopes, checks.</param>
    /// <exception cref="ArgumentException">The name or an option makes no sense.</exception>
    public static IServiceCollection AddJob<TPayload, THandler>(this IServiceCollection services, string type, Action<JobTypeOptions>? configure = null)
        where TPayload : class
        where THandler : class, IConsumer<JobRun<TPayload>>
    {
        if (type.Length is 0 or > 64)
        {
            throw new ArgumentException("The name of a job type has 1 to 64 characters.", nameof(type));
        }

        var options = new JobTypeOptions();
        configure?.Invoke(options);
        services.TryAddScoped<THandler>();
        return services.AddSingleton<JobType>(s => new JobType<TPayload, THandler>(type, options.Checked(type), s));
    }
}
