using MassTransit;
using Platform.Processing.Running;

namespace Platform.Processing.Types;

/// <summary><c>noop</c>: succeeds at once. To try queues and to measure them.</summary>
internal sealed class Noop : IConsumer<JobRun<NoopPayload>>
{
    public const string Type = "noop";

    public Task Consume(ConsumeContext<JobRun<NoopPayload>> context) => Task.CompletedTask;
}

/// <summary>Anything; nothing of it is read.</summary>
internal sealed record NoopPayload;
