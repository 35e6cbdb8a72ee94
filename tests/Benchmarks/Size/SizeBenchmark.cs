using System.Diagnostics;
using Npgsql;
using Platform.Benchmarks.Environment;
using Platform.Benchmarks.Load;
using Platform.Benchmarks.Paths;
using Platform.Contracts.Identifiers;
using Platform.Embedded;
using Platform.Eventing.Database;
using Platform.Testing;

namespace Platform.Benchmarks.Size;

/// <summary>
/// The Core API on an almost empty database and on one where a tenant has millions of resources and thousands of tenants have a few: what
/// each kind of request takes, for the large tenant and for a small one. Nothing comes from the read cache.
/// </summary>
internal static class SizeBenchmark
{
    private const int Clients = 4;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(4);

    /// <param name="resources">Of the large tenant.</param>
    /// <param name="tenants">Beside it, with ten resources each.</param>
    public static async Task<int> RunAsync(long resources, int tenants)
    {
        var table = new ResultTable();
        var data = TemporaryFolder.Create();
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = data }, CancellationToken.None);
            await using var platform = new RunningPlatform(postgres.ConnectionString, data, ("Cache__MaxBytes", "0"));
            await platform.StartAsync();

            // Both tenants exist before: the large one is the key's, the small one has a key of its own.
            await SeedAsync(postgres.ConnectionString, platform.Tenant, 1_000, 0);
            var empty = await MeasureAsync(platform, "empty");
            var loading = Stopwatch.GetTimestamp();
            await SeedAsync(postgres.ConnectionString, platform.Tenant, resources, tenants);
            table.Add($"loading {resources:N0} resources and {tenants:N0} tenants", $"{Stopwatch.GetElapsedTime(loading).TotalSeconds:0} s");
            var full = await MeasureAsync(platform, "full");
            foreach (var (what, before) in empty)
            {
                var after = full[what];
                table.Add(what, $"p50 {before.P50:0.00} -> {after.P50:0.00} ms ({after.P50 / before.P50:0.0}x), p99 {before.P99:0.0} -> {after.P99:0.0} ms, {after.Failed} failed", "<= 2x");
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        Console.WriteLine(table);
        return 0;
    }

    private static async Task<Dictionary<string, LoadResult>> MeasureAsync(RunningPlatform platform, string round)
    {
        var ids = await IdsAsync(platform.Database, platform.Tenant, 4_000);
        var middle = TimeProvider.System.GetUtcNow().AddDays(-180).ToString("yyyy-MM-ddTHH:mm:ssZ");
        var results = new Dictionary<string, LoadResult>(StringComparer.Ordinal);

        async Task RunAsync(string what, Func<int, long, ReadOnlyMemory<byte>> request, int expected = 200)
        {
            await ClosedLoop.RunAsync(platform.Port, Clients, TimeSpan.FromSeconds(2), (c, n) => request(c, n + 1_000_000), expected);
            results[what] = await ClosedLoop.RunAsync(platform.Port, Clients, Length, request, expected);
            Console.Error.WriteLine($"{round}: {what} p50 {results[what].P50:0.00} ms, p99 {results[what].P99:0.00} ms, {results[what].Failed} failed");
        }

        ReadOnlyMemory<byte> Get(string path) => Requests.Get(platform.Key, path);
        await RunAsync("get", (c, n) => Get("/v1/resources/" + ids[(int)(((n * Clients) + c) * 7919 % ids.Count)]));
        await RunAsync("history", (c, n) => Get($"/v1/resources/{ids[(int)(((n * Clients) + c) * 7919 % ids.Count)]}/history"));
        await RunAsync("list, newest first", (_, _) => Get("/v1/resources?sort=-created_at"));
        await RunAsync("list, from the middle", (_, _) => Get("/v1/resources?created_after=" + middle));
        await RunAsync("list of a type", (_, _) => Get("/v1/resources?type=invoice&sort=-created_at"));
        await RunAsync("list of a rare label", (_, n) => Get($"/v1/resources?label=rare:{n % 10}"));
        await RunAsync("list of a common label", (_, _) => Get("/v1/resources?label=env:prod"));
        await RunAsync("create", (c, n) => Requests.Create(platform.Key, $"{round}-{c}-{n}"), 201);
        return results;
    }

    private static async Task<List<string>> IdsAsync(string database, Guid tenant, int count)
    {
        await using var connection = new NpgsqlConnection(DataSources.Dedicated(database));
        await connection.OpenAsync();

        // From all over the table, by its order.
        await using var command = new NpgsqlCommand("""
            WITH bounds AS (SELECT min(id::text) AS first, max(id::text) AS last FROM (
                (SELECT id FROM core.resource WHERE tenant_id = $1 ORDER BY id LIMIT 1) UNION ALL (SELECT id FROM core.resource WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1)))
            SELECT found.id FROM bounds, generate_series(1, $2) AS n,
                LATERAL (SELECT id FROM core.resource WHERE tenant_id = $1 AND deleted_at IS NULL
                    AND id >= (lpad(to_hex((('x' || left(replace(bounds.first, '-', ''), 12))::bit(48)::bigint
                        + (('x' || left(replace(bounds.last, '-', ''), 12))::bit(48)::bigint - ('x' || left(replace(bounds.first, '-', ''), 12))::bit(48)::bigint) * n / ($2 + 1))), 12, '0') || repeat('0', 20))::uuid
                    ORDER BY id LIMIT 1) AS found
            """, connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<int> { TypedValue = count } },
        };
        var ids = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            ids.Add(TypeId.Format(IdPrefix.Resource, reader.GetGuid(0)));
        }

        return [.. ids];
    }

    private static async Task SeedAsync(string database, Guid large, long resources, int tenants)
    {
        await using var connection = new NpgsqlConnection(DataSources.Dedicated(database));
        await connection.OpenAsync();
        const int chunk = 250_000;

        for (long done = 0; done < resources; done += chunk)
        {
            await ExecuteAsync(connection, Rows(
                $"SELECT '{large}'::uuid AS tenant, n FROM generate_series({done + 1}::bigint, {Math.Min(resources, done + chunk)}) AS n", resources));
        }

        for (var done = 0; done < tenants; done += chunk / 10)
        {
            await ExecuteAsync(connection, Rows(
                $"SELECT md5('tenant' || t)::uuid AS tenant, n FROM generate_series({done + 1}, {Math.Min(tenants, done + (chunk / 10))}) AS t, generate_series(1::bigint, 10) AS n", 10));
        }

        await ExecuteAsync(connection, "VACUUM (ANALYZE) core.resource");
    }

    /// <summary>Ids that spread over a year, in order, as a year of use would have made them.</summary>
    private static string Rows(string numbers, long total) => $$$"""
        INSERT INTO core.resource (tenant_id, id, type, data, labels, version, created_at, updated_at, updated_by)
        SELECT tenant, (lpad(to_hex((extract(epoch FROM now() - interval '366 days')::numeric * 1000 + n * 365::numeric * 86400000 / {{{total}}})::bigint), 12, '0') || '7'
                || substr(md5(n::text || tenant::text), 1, 3) || '8' || substr(md5(tenant::text || n::text), 1, 15))::uuid,
            (ARRAY['order', 'order', 'order', 'invoice', 'customer'])[1 + n % 5],
            json_build_object('number', n, 'total', n % 1000, 'currency', 'EUR', 'note', md5(n::text)),
            CASE WHEN n % 100000 = 0 THEN jsonb_build_object('rare', (n / 100000 % 10)::text, 'env', 'prod')
                 WHEN n % 3 = 0 THEN '{"env":"prod"}' WHEN n % 3 = 1 THEN '{"env":"test"}' ELSE '{}' END,
            1, now(), now(), 'key_01h455vb4pex5vsknk084sn02q'
        FROM ({{{numbers}}}) AS made
        ON CONFLICT DO NOTHING
        """;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 1200 };
        await command.ExecuteNonQueryAsync();
    }
}
