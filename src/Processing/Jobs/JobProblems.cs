using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Problems;

namespace Platform.Processing.Jobs;

/// <summary>What can be in the way of a job's change.</summary>
internal static class JobProblems
{
    public static bool TryId(string text, out Guid id) => TypeId.TryParse(IdPrefix.Job, text, out id);

    public static Problem NotFound() => KnownProblems.NotFound("job");

    public static Problem NotCancellable(string state) => new(StatusCodes.Status409Conflict, "job_finished", "The job has ended",
        $"The job is {state}; only a job that has not ended can be cancelled.");

    public static Problem NotRetryable(string state) => new(StatusCodes.Status409Conflict, "job_not_retryable", "The job cannot be retried",
        $"The job is {state}; a dead, cancelled, retrying or scheduled one can be retried.");

    public static Problem NotChangeable(string state) => new(StatusCodes.Status409Conflict, "job_not_waiting", "The job does not wait",
        $"The job is {state}; only one that waits for its time or for a worker can be moved.");

    public static Problem UniqueKeyTaken() => new(StatusCodes.Status409Conflict, "unique_key_taken", "Another job has this unique key",
        "A job of the same type and unique_key is alive.");
}
