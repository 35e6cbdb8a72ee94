using Npgsql;
using Platform.Eventing.Database;
using Platform.Testing;

namespace Platform.Eventing.Tests;

public sealed class MigratorTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private NpgsqlDataSource _source = null!;

    public async Task InitializeAsync()
    {
        _database = await TestPostgres.CreateDatabaseAsync();
        _source = NpgsqlDataSource.Create(_database.ConnectionString);
    }

    public async Task DisposeAsync() => await _source.DisposeAsync();

    [Fact]
    public async Task Instances_that_start_at_once_apply_each_file_once()
    {
        var set = Set(("0001_a.sql", "CREATE TABLE {schema}.t (n int); INSERT INTO {schema}.t VALUES (1)"), ("0002_b.sql", "INSERT INTO {schema}.t VALUES (2)"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ApplyAsync(set)));
        Assert.Equal(new[] { 1, 2 }, await _database.ScalarAsync<int[]>("SELECT array_agg(n ORDER BY n) FROM s.t"));
    }

    [Fact]
    public async Task A_file_that_changed_after_it_was_applied_is_refused_by_name()
    {
        await ApplyAsync(Set(("0001_a.sql", "CREATE TABLE {schema}.t (n int)")));
        var e = await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(Set(("0001_a.sql", "CREATE TABLE {schema}.t (n bigint)"))));
        Assert.Contains("0001_a has changed", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_endings_are_no_change()
    {
        await ApplyAsync(Set(("0001_a.sql", "CREATE TABLE {schema}.t (\nn int)")));
        await ApplyAsync(Set(("0001_a.sql", "CREATE TABLE {schema}.t (\r\nn int)")));
    }

    [Fact]
    public async Task A_file_that_fails_leaves_nothing_and_what_came_before_stands()
    {
        var e = await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(Set(
            ("0001_a.sql", "CREATE TABLE {schema}.t (n int)"), ("0002_b.sql", "CREATE TABLE {schema}.u (n int); SELECT nonsense"))));
        Assert.Contains("0002_b failed", e.Message, StringComparison.Ordinal);
        Assert.True(await _database.ScalarAsync<bool>("SELECT to_regclass('s.t') IS NOT NULL AND to_regclass('s.u') IS NULL"));
        await ApplyAsync(Set(("0001_a.sql", "CREATE TABLE {schema}.t (n int)"), ("0002_b.sql", "CREATE TABLE {schema}.u (n int)")));
    }

    [Fact]
    public async Task A_number_that_comes_after_its_successor_is_refused()
    {
        await ApplyAsync(Set(("0002_b.sql", "CREATE TABLE {schema}.t (n int)")));
        await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(Set(("0001_a.sql", "SELECT 1"), ("0002_b.sql", "CREATE TABLE {schema}.t (n int)"))));
    }

    [Fact]
    public async Task A_migration_and_the_wait_for_another_instances_may_take_longer_than_a_command()
    {
        await using var impatient = NpgsqlDataSource.Create(_database.ConnectionString + ";Command Timeout=1");
        var set = Set(("0001_a.sql", "SELECT pg_sleep(1.5); CREATE TABLE {schema}.t (n int)"));
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Migrator.ApplyAsync(impatient, "s", [set], CancellationToken.None)));
        Assert.True(await _database.ScalarAsync<bool>("SELECT to_regclass('s.t') IS NOT NULL"));
    }

    private static MigrationSet Set(params (string Name, string Sql)[] files) => new("test", [.. files.Select(f => Migration.Create(f.Name, f.Sql))]);

    private Task ApplyAsync(MigrationSet set) => Migrator.ApplyAsync(_source, "s", [set], CancellationToken.None);
}
