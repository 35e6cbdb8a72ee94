using Platform.Faults.Host.Jobs;
using Platform.Testing;

namespace Platform.Faults.Jobs;

/// <summary>The jobs against their ledger: what is wrong, one line each.</summary>
internal static class JobBalance
{
    private const string LostForGood = "The worker was lost during the last attempt.";

    public static async Task<IReadOnlyList<string>> CheckAsync(TestDatabase database, int jobs)
    {
        var faults = new List<string>();
        async Task NoneAsync(string what, string sql)
        {
            if (await database.ScalarAsync<long>(sql) is var count and not 0)
            {
                faults.Add($"{count} {what}");
            }
        }

        await NoneAsync("jobs more or less than were acknowledged", $"SELECT count(*) - {jobs} FROM processing.job");
        await NoneAsync("jobs twice for one number", "SELECT count(*) - count(DISTINCT payload->>'n') FROM processing.job");
        await NoneAsync("jobs without an end", "SELECT count(*) FROM processing.job j WHERE NOT EXISTS (SELECT FROM processing.job_end e WHERE e.tenant_id = j.tenant_id AND e.id = j.id)");
        await NoneAsync("work items left", "SELECT count(*) FROM processing.work_item");
        await NoneAsync("successes without exactly one row in the ledger", """
            SELECT count(*) FROM processing.job_end e WHERE outcome = 'succeeded' AND (SELECT count(*) FROM processing.ledger l WHERE l.job_id = e.id) <> 1
            """);
        await NoneAsync("rows in the ledger of jobs that did not succeed", """
            SELECT count(*) FROM processing.ledger l WHERE NOT EXISTS (SELECT FROM processing.job_end e WHERE e.id = l.job_id AND e.outcome = 'succeeded')
            """);
        await NoneAsync("rows in the ledger of another attempt than the one that ended the job: stale writes", """
            SELECT count(*) FROM processing.ledger l JOIN processing.job_end e ON e.id = l.job_id WHERE e.attempt <> l.attempt
            """);
        await NoneAsync("deaths that were not planned", $"""
            SELECT count(*) FROM processing.job_end e JOIN processing.job j ON j.id = e.id
            WHERE e.outcome <> 'succeeded' AND e.error IS DISTINCT FROM '{LostForGood}' AND NOT ((j.payload->>'dies')::boolean AND e.error = '{WriteLedger.PlannedDeath}')
            """);
        await NoneAsync("dead jobs without a letter of the same reason", """
            SELECT count(*) FROM processing.job_end e WHERE outcome = 'dead' AND NOT EXISTS (SELECT FROM processing.dead_letter d WHERE d.job_id = e.id AND d.reason = e.error)
            """);
        await NoneAsync("events of ends more or less than there are ends", """
            SELECT (SELECT count(*) FROM stream.events_core WHERE headers::json->>'ce_type' IN ('job.succeeded', 'job.dead')) - (SELECT count(*) FROM processing.job_end)
            """);
        await NoneAsync("jobs whose end was told twice", """
            SELECT count(*) - count(DISTINCT key) FROM stream.events_core WHERE headers::json->>'ce_type' IN ('job.succeeded', 'job.dead')
            """);
        return faults;
    }
}
