using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Types;

/// <summary><c>noop</c>: succeeds at once. To try queues and to measure them.</summary>
internal sealed class Noop : IJobType
{
    private static readonly Task<AttemptResult> Done = Task.FromResult(AttemptResult.Success(null));

    public string Name => "noop";
    public bool TakesAnything => true;

    public void Check(JsonFields payload)
    {
    }

    public Task<AttemptResult> RunAsync(JobAttempt attempt, CancellationToken cancellationToken) => Done;
}
