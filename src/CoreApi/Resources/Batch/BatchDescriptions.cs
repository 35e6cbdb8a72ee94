using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Resources;

/// <summary>The route of batches, for the document.</summary>
internal static class BatchDescriptions
{
    // One object, not a choice of five: clients have it as a type.
    private static readonly Schema BatchOperation = Schema.Input("BatchOperation",
        "A write. `create` takes `type`, `data`, `labels`; `replace` `id`, `data`, `labels`, `type`, `if_version`; `patch` `id`, `data`, `labels`, `if_version`; "
        + "`delete` `id`, `if_version`; `restore` `id`, `version`, `if_version`.",
        ("op", Schema.OneOf("What to do.", CoreApi.Resources.BatchOperation.Names)),
        ("id?", Schema.Id(IdPrefix.Resource, "The resource. Required, but for a create.")),
        ("type?", Schema.Text("Required for a create. A replacement may repeat it; it cannot change.", 64, 1, ResourcesDescriptions.TypePattern)),
        ("data?", Schema.AnyObject("Any JSON object; for a patch what is merged into it (RFC 7396). Required for a create and a replacement.")),
        ("labels?", Schema.AnyObject("Names and values, as of a new resource; for a patch those to set, and a null removes one.")),
        ("version?", Schema.Whole("The version to restore.", 1)),
        ("if_version?", Schema.Whole("Only if this is the current version.", 1)))
        .Such("""{"op": "create", "type": "order", "data": {"total": 42}, "labels": {"env": "prod"}}""");

    private static readonly Schema Batch = Schema.Input("ResourceBatch", "Writes, in their order.",
        ("operations", Schema.ListOf(BatchOperation, "What to do.", WriteBatch.MaxOperations, 1)),
        ("atomic?", Schema.Flag("All or nothing.").With("default", false)))
        .Such("""
            {"operations": [{"op": "create", "type": "order", "data": {"total": 42}, "labels": {"env": "prod"}},
             {"op": "patch", "id": "res_01jk2m3n4p5q6r7s8t9v0w1x2y", "data": {"total": 43}, "if_version": 1}, {"op": "restore", "id": "res_01jk2m3n4p5q6r7s8t9v0w1x2z", "version": 1}]}
            """);

    private static readonly Schema BatchResult = Schema.Object("BatchResult", "What became of an operation: the new version, which a deletion does not have, or why it was not done, with pointers into the batch.",
        ("index", Schema.Whole("Its place among the operations, from 0.", 0, WriteBatch.MaxOperations - 1)),
        ("status", Schema.Whole("The status that its single route would have answered.", 200, 599)),
        ("resource?", ResourcesDescriptions.Resource),
        ("error?", Schema.Problem));

    private static readonly Schema BatchResults = Schema.Object("BatchResults", "What became of a batch.",
        ("results", Schema.ListOf(BatchResult, "One for each operation, in their order.", WriteBatch.MaxOperations, 1)),
        ("succeeded", Schema.Whole("How many were done.", 0, WriteBatch.MaxOperations)),
        ("failed", Schema.Whole("How many were not.", 0, WriteBatch.MaxOperations)))
        .Such("""
            {"results": [{"index": 0, "status": 204}, {"index": 1, "status": 404, "error": {"type": "urn:platform:problem:not_found", "title": "Not found", "status": 404,
             "detail": "There is no such resource.", "code": "not_found", "request_id": "req_01jk2m3n4p5q6r7s8t9v0w1x2y"}}], "succeeded": 1, "failed": 1}
            """);

    private static readonly BatchOutcome[] NotFound = [new(null, ResourceInput.NotFound())];
    private static readonly BatchOutcome[] Invalid = [new(null, KnownProblems.Validation("/data", "required", "'data' is required."))];

    public static readonly Operation Write = new("writeResources", Tags.Resources, "Write many resources")
    {
        Description = """
            1 to 1,000 writes in one transaction, by the rules of the single routes and with their events. Operations on one resource apply in their order. What fails is not written, the rest is; with
            `atomic` nothing is written when one fails: `batch_failed` has every fault with its place, 422 when operations are not valid by themselves or by their type's schema, 409 when the state
            refuses one (not there, another version). What a batch reads and writes together may have 16 MiB, else `batch_too_large`.
            """,
        Body = new(Batch),
        Answers = [Answer.Ok(BatchResults, "What became of each.")],
        Errors = [ResourceBatchAnswer.Refusal(NotFound)!, ResourceBatchAnswer.Refusal(Invalid)!, ResourceBatchAnswer.TooMuch(WriteBatch.MaxBytes)],
    };
}
