using System.Text.Json;
using MassTransit;
using MassTransit.Mediator;
using Platform.Processing.Running;
using Platform.Processing.Running.Filters;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Types;

/// <summary>Something that a job can do.</summary>
internal abstract class JobType(string name, JobTypeOptions options)
{
    /// <summary>As in <c>type</c>.</summary>
    public string Name => name;

    public JobTypeOptions Options => options;

    /// <summary>Takes the payload's fields and notes what is wrong with them.</summary>
    public abstract void Check(JsonFields payload);

    /// <summary>Gets ready to run: what is made once need not be made by the first job.</summary>
    public abstract void Prepare();

    /// <summary>One attempt. The token ends with the loss of the claim and with the process.</summary>
    public abstract Task<(AttemptResult Result, JobRun? Run)> RunAsync(JobClaim claim, CancellationToken cancellationToken);
}

/// <summary>
/// Runs are sent through a mediator of the type's own, so that two types may share a payload; it has one consumer, and our filters around it.
/// </summary>
internal sealed class JobType<TPayload, THandler>(string name, JobTypeOptions options, IServiceProvider services) : JobType(name, options)
    where TPayload : class
    where THandler : class, IConsumer<JobRun<TPayload>>
{
    private readonly Lazy<IMediator> _mediator = new(() => CreateMediator(services));

    public override void Check(JsonFields payload)
    {
        if (Options.Check is { } check)
        {
            check(payload);
        }
        else
        {
            PayloadContract.Check(typeof(TPayload), payload);
        }
    }

    public override void Prepare() => _ = _mediator.Value;

    public override async Task<(AttemptResult Result, JobRun? Run)> RunAsync(JobClaim claim, CancellationToken cancellationToken)
    {
        TPayload payload;
        try
        {
            payload = JsonSerializer.Deserialize<TPayload>(claim.Work.Payload.Span, JobJson.Options) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            // It was checked when it came: by another version, with other rules.
            return (AttemptResult.Failure($"The payload is none of '{Name}': {e.Message}") with { IsHopeless = true }, null);
        }

        var run = new JobRun<TPayload>(claim, Options, payload);
        await _mediator.Value.Send(run, cancellationToken);
        return (run.Result, run);
    }

    private static IMediator CreateMediator(IServiceProvider services) => Bus.Factory.CreateMediator(mediator =>
        mediator.Consumer(new ScopedHandlers<THandler>(services), handler => handler.Message<JobRun<TPayload>>(run =>
        {
            run.UseFilter(new TraceRuns<TPayload>());
            run.UseFilter(new FenceRuns<TPayload>());
            run.UseFilter(new LimitRuns<TPayload>());
        })));
}
