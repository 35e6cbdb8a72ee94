using System.Text.Json;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>What became of one operation: a version, or a problem.</summary>
internal sealed record BatchOutcome(ResourceVersion? Made, Problem? Problem);

/// <summary>The answers of a batch.</summary>
internal static class BatchAnswer
{
    /// <summary>200: for each operation <c>{index, status, resource | error}</c>; a deletion has neither.</summary>
    public static JsonAnswer Of(IReadOnlyList<BatchOutcome> outcomes, string requestId) =>
        JsonAnswer.Ok(FieldSelection.Write((json, _) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("results");
            for (var i = 0; i < outcomes.Count; i++)
            {
                Write(json, i, outcomes[i], requestId);
            }

            json.WriteEndArray();
            json.WriteNumber("succeeded", outcomes.Count(o => o.Made is not null));
            json.WriteNumber("failed", outcomes.Count(o => o.Problem is not null));
            json.WriteEndObject();
        }, fields: null));

    /// <summary>
    /// Why an atomic batch wrote nothing, with every fault and its place: 422 when the operations themselves are at fault, 409 when the state
    /// refuses one. Null when none failed.
    /// </summary>
    public static Problem? Refusal(IReadOnlyList<BatchOutcome> outcomes)
    {
        var errors = new List<InputError>();
        var byState = false;
        for (var i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i].Problem is not { } problem)
            {
                continue;
            }

            byState |= problem.Status != StatusCodes.Status400BadRequest;
            errors.AddRange(problem.Errors.Count == 0 ? [new(Place(i), problem.Code, problem.Detail)] : At(i, problem).Errors);
        }

        return errors.Count == 0 ? null : new(
            byState ? StatusCodes.Status409Conflict : StatusCodes.Status422UnprocessableEntity, "batch_failed", "The batch was not written",
            $"{outcomes.Count(o => o.Problem is not null)} of {outcomes.Count} operations cannot be done, and the batch is atomic.") { Errors = errors };
    }

    public static Problem TooMuch(long bytes) =>
        new(StatusCodes.Status422UnprocessableEntity, "batch_too_large", "The batch touches too much data",
            $"The resources that a batch reads and writes may have {bytes} bytes of data together; nothing was written.");

    private static void Write(Utf8JsonWriter json, int index, BatchOutcome outcome, string requestId)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteNumber("status", outcome switch
        {
            { Problem: { } problem } => problem.Status,
            { Made.IsCreation: true } => StatusCodes.Status201Created,
            { Made.IsDeletion: true } => StatusCodes.Status204NoContent,
            _ => StatusCodes.Status200OK,
        });
        if (outcome.Problem is { } error)
        {
            json.WritePropertyName("error");
            json.WriteRawValue(At(index, error).ToJson(requestId), skipInputValidation: true);
        }
        else if (outcome.Made is { IsDeletion: false } made)
        {
            json.WritePropertyName("resource");
            json.WriteRawValue(made.Document.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    /// <summary>Pointers of a problem are into the operation; the caller's are into the body.</summary>
    private static Problem At(int index, Problem problem) =>
        problem with { Errors = [.. problem.Errors.Select(e => e with { Pointer = Place(index) + e.Pointer })] };

    private static string Place(int index) => $"/operations/{index}";
}
