using Npgsql;
using Platform.Eventing.Consumers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.Processing.Types;

namespace Platform.Processing.Submissions;

/// <summary>
/// Group <c>processing.submissions</c>: makes a job of each <c>job.submitted</c> on the topics <c>jobs.*</c>, a few statements for a whole batch. The
/// tenant is the event's: whoever may write to these topics acts for any.
/// </summary>
internal sealed class AcceptSubmissions(
    ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, JobTypes types, TimeProvider clock) : IEventHandler
{
    public const string Group = "processing.submissions";

    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        // All are read before the first statement. A fixed order of row locks: two instances with one job in hand must not deadlock.
        var submissions = batch.Events
            .Select(e => Submission.Read(e, types, clock))
            .DistinctBy(s => (s.Tenant, s.Job.Id))
            .OrderBy(s => s.Tenant).ThenBy(s => s.Job.Id)
            .ToArray();
        var inserted = await SubmittedJobs.InsertAsync(batch.Connection, submissions, cancellationToken);
        var doubles = await SubmittedJobs.TakeUniqueKeysAsync(batch.Connection, inserted, cancellationToken);
        var accepted = inserted.Except(doubles).ToArray();
        if (accepted.Length == 0)
        {
            return;
        }

        await using var start = new NpgsqlBatch(batch.Connection);
        JobRows.Start(start, [.. accepted.Select(s => (s.Tenant, s.Job))], clock);
        await start.ExecuteNonQueryAsync(cancellationToken);
        batch.AfterCommit(database.OutboxWritten.Set);
        batch.AfterCommit(signal.Set);
    }
}
