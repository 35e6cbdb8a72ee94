using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Requests;

/// <summary>What became of one item of a batch.</summary>
/// <param name="Status">That its single route would have answered.</param>
/// <param name="Document">JSON; null where there is none to show.</param>
/// <param name="Problem">Why it was not done, with pointers into the item; null when it was.</param>
public sealed record BatchItem(int Status, ReadOnlyMemory<byte>? Document, Problem? Problem)
{
    public static BatchItem Failed(Problem problem) => new(problem.Status, null, problem);
}

/// <summary>The answers of a route that takes many writes at once.</summary>
/// <param name="items">Name of the list in the body: <c>operations</c>.</param>
/// <param name="document">Name of an item's document in the answer: <c>resource</c>.</param>
public sealed class BatchAnswer(string items, string document)
{
    /// <summary>200: <c>results</c> with <c>{index, status, document | error}</c> for each item, <c>succeeded</c>, <c>failed</c>.</summary>
    public JsonAnswer Of(IReadOnlyList<BatchItem> outcomes, string requestId) =>
        JsonAnswer.Ok(FieldSelection.Write((json, _) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("results");
            for (var i = 0; i < outcomes.Count; i++)
            {
                Write(json, i, outcomes[i], requestId);
            }

            json.WriteEndArray();
            json.WriteNumber("succeeded", outcomes.Count(o => o.Problem is null));
            json.WriteNumber("failed", outcomes.Count(o => o.Problem is not null));
            json.WriteEndObject();
        }, fields: null));

    /// <summary>
    /// Why an atomic batch wrote nothing, with every fault and its place: 422 when the items themselves are at fault, 409 when the state
    /// refuses one. Null when none failed.
    /// </summary>
    public Problem? Refusal(IReadOnlyList<Problem?> problems)
    {
        var errors = new List<InputError>();
        var byState = false;
        for (var i = 0; i < problems.Count; i++)
        {
            if (problems[i] is { } problem)
            {
                byState |= problem.Status != StatusCodes.Status400BadRequest;
                errors.AddRange(problem.Errors.Count == 0 ? [new(Place(i), problem.Code, problem.Detail)] : At(i, problem).Errors);
            }
        }

        return errors.Count == 0 ? null : new(
            byState ? StatusCodes.Status409Conflict : StatusCodes.Status422UnprocessableEntity, "batch_failed", "The batch was not written",
            $"{problems.Count(p => p is not null)} of {problems.Count} {items} cannot be done, and the batch is atomic.") { Errors = errors };
    }

    private void Write(Utf8JsonWriter json, int index, BatchItem outcome, string requestId)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteNumber("status", outcome.Status);
        if (outcome.Problem is { } error)
        {
            json.WritePropertyName("error");
            json.WriteRawValue(At(index, error).ToJson(requestId), skipInputValidation: true);
        }
        else if (outcome.Document is { } made)
        {
            json.WritePropertyName(document);
            json.WriteRawValue(made.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    /// <summary>Pointers of a problem are into the item; the caller's are into the body.</summary>
    private Problem At(int index, Problem problem) =>
        problem with { Errors = [.. problem.Errors.Select(e => e with { Pointer = Place(index) + e.Pointer })] };

    private string Place(int index) => $"/{items}/{index}";
}
