using Platform.Eventing.WorkQueues;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.DeadLetters;

/// <summary>
/// <c>POST /v1/dead-letters:redrive {filter: {source?, type?, group?, topic?, since?, until?, ids?}, limit?}</c>: 200 and how many were taken.
/// A constant number of statements, whatever the number of letters; call again while <c>has_more</c>.
/// </summary>
internal static class RedriveDeadLetters
{
    public const int MaxLimit = 10_000;
    private const int DefaultLimit = 1_000;

    public static async Task<IResult> HandleAsync(
        HttpContext http, ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, TimeProvider clock)
    {
        var (body, invalid) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return invalid!;
        }

        using (body)
        {
            var filter = body.Fields.OptionalObject("filter") is { } fields ? LetterFilter.Read(http, fields) : null;
            if (filter is null && !body.Fields.Has("filter"))
            {
                // All of them is a filter too, but one that has to be written down.
                body.Fields.Fault("filter", "required", "'filter' is required; {} means every dead letter.");
            }

            var limit = body.Fields.OptionalInt("limit", 1, MaxLimit) ?? DefaultLimit;
            if (body.Fields.Problem is { } problem)
            {
                return problem;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            return badKey ?? await Writes.TransactAsync(
                database, write, RequestId.Of(http), transaction => RedriveAsync(transaction, filter!, limit, signal, clock, http.RequestAborted), http.RequestAborted);
        }
    }

    private static async Task<IResult> RedriveAsync(
        WriteTransaction transaction, LetterFilter filter, int limit, WorkSignal<ProcessingDatabase> signal, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        int redriven = 0, skipped = 0;
        var hasMore = false;
        if (filter.WantsJobs)
        {
            transaction.AfterCommit(signal.Set);
            (redriven, skipped, hasMore) = await RedriveJobs.TakeAsync(transaction, filter, limit, clock, cancellationToken);
        }

        foreach (var tenant in filter.WantsLetters ? (Guid[])(filter.IsOperator ? [transaction.Tenant, Guid.Empty] : [transaction.Tenant]) : [])
        {
            // With nothing left of the limit it only says whether there is more.
            var (taken, more) = await RedriveRequests.TakeAsync(transaction, tenant, filter, limit - redriven - skipped, clock, cancellationToken);
            redriven += taken.Count;
            hasMore |= more;
        }

        return JsonAnswer.Ok(JsonBytes.Write(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("redriven", redriven);
            json.WriteNumber("skipped", skipped);
            json.WriteBoolean("has_more", hasMore);
            json.WriteEndObject();
        }));
    }
}
