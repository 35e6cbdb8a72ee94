using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.DeadLetters;

/// <summary>
/// <c>POST /v1/dead-letters:redrive {filter: {source?, type?, group?, topic?, since?, until?, ids?}, limit?}</c>: 200 and how many were taken.
/// A constant number of statements, whatever the number of letters; call again while <c>has_more</c>.
/// </summary>
internal static class RedriveDeadLetters
{
    public static Task<IResult> HandleAsync(HttpContext http, ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, TimeProvider clock) =>
        FilteredChange.RunAsync(
            http, database, "every dead letter", fields => LetterFilter.Read(http, fields),
            (transaction, filter, limit) => RedriveAsync(transaction, filter, limit, signal, clock, http.RequestAborted));

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
