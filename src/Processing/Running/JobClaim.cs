using Platform.Eventing.WorkQueues;

namespace Platform.Processing.Running;

/// <summary>A job in a worker's hands, until it is settled or the claim is lost.</summary>
internal sealed record JobClaim(ProcessingDatabase Database, WorkItem Item, RunnableJob Work, TimeProvider Clock);

/// <summary>The claim is another worker's by now, or the job was cancelled: nothing that this attempt still finds out counts.</summary>
internal sealed class ClaimLostException() : OperationCanceledException("The claim on the job is lost.");
