using System.Text;
using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.Consumers;

namespace Platform.Processing.Submissions;

/// <summary>The rows of many jobs at once.</summary>
internal static class SubmittedJobs
{
    /// <summary>Inserts the jobs that are not there yet, and returns those.</summary>
    /// <exception cref="PoisonEventException">A chosen id is another tenant's.</exception>
    public static async Task<IReadOnlyList<Submission>> InsertAsync(
        NpgsqlConnection connection, IReadOnlyList<Submission> submissions, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand("""
            INSERT INTO processing.job (tenant_id, id, named, queue, type, payload, priority, max_attempts, timeout_seconds, unique_key,
                trace_parent, run_at, created_at)
            SELECT tenant_id, id, named, queue, type, payload::json, priority, max_attempts, timeout_seconds, unique_key, trace_parent, run_at, created_at
            FROM unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::int[], $9::int[], $10::text[],
                    $11::text[], $12::timestamptz[], $13::timestamptz[])
                WITH ORDINALITY AS j(tenant_id, id, named, queue, type, payload, priority, max_attempts, timeout_seconds, unique_key,
                    trace_parent, run_at, created_at, ord)
            ORDER BY ord
            ON CONFLICT DO NOTHING RETURNING tenant_id, id
            """, connection)
        {
            Parameters =
            {
                new() { Value = Array(submissions, s => s.Tenant) },
                new() { Value = Array(submissions, s => s.Job.Id) },
                new() { Value = Array(submissions, s => s.IsNamed) },
                new() { Value = Array(submissions, s => s.Job.Queue) },
                new() { Value = Array(submissions, s => s.Job.Type) },
                new() { Value = Array(submissions, s => Encoding.UTF8.GetString(s.Job.Payload.Span)) },
                new() { Value = Array(submissions, s => (short)s.Job.Priority) },
                new() { Value = Array(submissions, s => s.Job.MaxAttempts) },
                new() { Value = Array(submissions, s => s.Job.TimeoutSeconds) },
                new() { Value = Array(submissions, s => s.Job.UniqueKey), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new() { Value = Array(submissions, s => s.TraceParent), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new() { Value = Array(submissions, s => s.Job.RunAt) },
                new() { Value = Array(submissions, s => s.Job.CreatedAt) },
            },
        };
        var fresh = await ReadKeysAsync(insert, cancellationToken);
        var named = submissions.Where(s => s.IsNamed && !fresh.Contains(Key(s))).ToArray();
        if (named.Length > 0)
        {
            await CheckNamesAsync(connection, named, cancellationToken);
        }

        return [.. submissions.Where(s => fresh.Contains(Key(s)))];
    }

    /// <summary>
    /// Takes the unique keys of new jobs. Those whose key belongs to a job that is alive are taken out again, and returned: the job that is
    /// there stands for them.
    /// </summary>
    public static async Task<IReadOnlyList<Submission>> TakeUniqueKeysAsync(
        NpgsqlConnection connection, IReadOnlyList<Submission> inserted, CancellationToken cancellationToken)
    {
        var keyed = inserted.Where(s => s.Job.UniqueKey is not null)
            .OrderBy(s => s.Tenant).ThenBy(s => s.Job.Type, StringComparer.Ordinal).ThenBy(s => s.Job.UniqueKey, StringComparer.Ordinal).ThenBy(s => s.Offset)
            .ToArray();
        if (keyed.Length == 0)
        {
            return [];
        }

        await using var take = new NpgsqlCommand("""
            INSERT INTO processing.job_unique (tenant_id, type, key, job_id)
            SELECT tenant_id, type, key, job_id FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) WITH ORDINALITY AS u(tenant_id, type, key, job_id, ord)
            ORDER BY ord
            ON CONFLICT DO NOTHING RETURNING tenant_id, job_id
            """, connection)
        {
            Parameters =
            {
                new() { Value = Array(keyed, s => s.Tenant) },
                new() { Value = Array(keyed, s => s.Job.Type) },
                new() { Value = Array(keyed, s => s.Job.UniqueKey!) },
                new() { Value = Array(keyed, s => s.Job.Id) },
            },
        };
        var taken = await ReadKeysAsync(take, cancellationToken);
        var doubles = keyed.Where(s => !taken.Contains(Key(s))).ToArray();
        if (doubles.Length > 0)
        {
            await using var remove = new NpgsqlCommand("""
                DELETE FROM processing.job j USING unnest($1::uuid[], $2::uuid[]) AS d(tenant_id, id) WHERE j.tenant_id = d.tenant_id AND j.id = d.id
                """, connection)
            {
                Parameters = { new() { Value = Array(doubles, s => s.Tenant) }, new() { Value = Array(doubles, s => s.Job.Id) } },
            };
            await remove.ExecuteNonQueryAsync(cancellationToken);
        }

        return doubles;
    }

    /// <summary>A chosen id that was there already is this job's, or a mistake.</summary>
    private static async Task CheckNamesAsync(NpgsqlConnection connection, IReadOnlyList<Submission> named, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(
            "SELECT tenant_id, id FROM processing.job WHERE (tenant_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))", connection)
        {
            Parameters = { new() { Value = Array(named, s => s.Tenant) }, new() { Value = Array(named, s => s.Job.Id) } },
        };
        var own = await ReadKeysAsync(select, cancellationToken);
        if (named.FirstOrDefault(s => !own.Contains(Key(s))) is { } taken)
        {
            throw new PoisonEventException($"The job is refused: /id: '{taken.Job.PublicId}' is taken (id_taken)");
        }
    }

    private static async Task<HashSet<(Guid Tenant, Guid Id)>> ReadKeysAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var keys = new HashSet<(Guid, Guid)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add((reader.GetGuid(0), reader.GetGuid(1)));
        }

        return keys;
    }

    private static (Guid Tenant, Guid Id) Key(Submission submission) => (submission.Tenant, submission.Job.Id);

    private static T[] Array<T>(IReadOnlyList<Submission> submissions, Func<Submission, T> select) => [.. submissions.Select(select)];
}
