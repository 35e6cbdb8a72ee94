using Npgsql;
using Platform.Eventing.Consumers;
using Platform.Processing.Jobs;

namespace Platform.Processing.Submissions;

/// <summary>The rows of jobs that may have come before.</summary>
internal static class SubmittedJobs
{
    /// <summary>Inserts the jobs that are not there yet, and returns those.</summary>
    /// <exception cref="PoisonEventException">A chosen id is another tenant's.</exception>
    public static async Task<IReadOnlyList<Submission>> InsertAsync(
        NpgsqlConnection connection, IReadOnlyList<Submission> submissions, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlBatch(connection) { BatchCommands = { JobRows.InsertRows([.. submissions.Select(s => (s.Tenant, s.Job))], ifNew: true) } };
        var fresh = await ReadKeysAsync(insert, cancellationToken);
        var named = submissions.Where(s => s.Job.IsNamed && !fresh.Contains(Key(s))).ToArray();
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
        var keyed = inserted.Where(s => s.Job.UniqueKey is not null).OrderBy(s => s.Offset).ToArray();
        var taken = await UniqueKeys.TakeAsync(connection, [.. keyed.Select(s => (s.Tenant, s.Job))], cancellationToken);
        var doubles = keyed.Where(s => !taken.Contains(Key(s))).ToArray();
        if (doubles.Length > 0)
        {
            await using var remove = new NpgsqlCommand("""
                DELETE FROM processing.job j USING unnest($1::uuid[], $2::uuid[]) AS d(tenant_id, id) WHERE j.tenant_id = d.tenant_id AND j.id = d.id
                """, connection)
            {
                Parameters = { new() { Value = Array.ConvertAll(doubles, s => s.Tenant) }, new() { Value = Array.ConvertAll(doubles, s => s.Job.Id) } },
            };
            await remove.ExecuteNonQueryAsync(cancellationToken);
        }

        return doubles;
    }

    /// <summary>A chosen id that was there already is this job's, or a mistake.</summary>
    private static async Task CheckNamesAsync(NpgsqlConnection connection, Submission[] named, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("SELECT tenant_id, id FROM processing.job WHERE (tenant_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))")
                {
                    Parameters = { new() { Value = Array.ConvertAll(named, s => s.Tenant) }, new() { Value = Array.ConvertAll(named, s => s.Job.Id) } },
                },
            },
        };
        var own = await ReadKeysAsync(select, cancellationToken);
        if (named.FirstOrDefault(s => !own.Contains(Key(s))) is { } taken)
        {
            throw new PoisonEventException($"The job is refused: /id: '{taken.Job.PublicId}' is taken (id_taken)");
        }
    }

    private static async Task<HashSet<(Guid Tenant, Guid Id)>> ReadKeysAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        var keys = new HashSet<(Guid, Guid)>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add((reader.GetGuid(0), reader.GetGuid(1)));
        }

        return keys;
    }

    private static (Guid Tenant, Guid Id) Key(Submission submission) => (submission.Tenant, submission.Job.Id);
}
