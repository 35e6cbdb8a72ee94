using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>What became of one operation: a version, or a problem.</summary>
internal sealed record BatchOutcome(ResourceVersion? Made, Problem? Problem);

/// <summary>The answers of a batch.</summary>
internal static class ResourceBatchAnswer
{
    private static readonly BatchAnswer Answer = new("operations", "resource");

    /// <summary>200: for each operation <c>{index, status, resource | error}</c>; a deletion has neither.</summary>
    public static JsonAnswer Of(IReadOnlyList<BatchOutcome> outcomes, string requestId) => Answer.Of([.. outcomes.Select(Item)], requestId);

    /// <summary>Why an atomic batch wrote nothing; null when none failed.</summary>
    public static Problem? Refusal(IReadOnlyList<BatchOutcome> outcomes) => Answer.Refusal([.. outcomes.Select(o => o.Problem)]);

    public static Problem TooMuch(long bytes) =>
        new(StatusCodes.Status422UnprocessableEntity, "batch_too_large", "The batch touches too much data",
            $"The resources that a batch reads and writes may have {bytes} bytes of data together; nothing was written.");

    private static BatchItem Item(BatchOutcome outcome) => outcome switch
    {
        { Problem: { } problem } => BatchItem.Failed(problem),
        { Made: { IsCreation: true } made } => new(StatusCodes.Status201Created, made.Document, null),
        { Made: { IsDeletion: false } made } => new(StatusCodes.Status200OK, made.Document, null),
        _ => new(StatusCodes.Status204NoContent, null, null),
    };
}
