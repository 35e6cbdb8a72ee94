using Microsoft.Extensions.Configuration;
using Npgsql;
using Platform.Eventing.Database;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>What every session of the platform carries, whatever the connection string says.</summary>
public sealed class SessionTests
{
    private static readonly string[] Settings =
    [
        "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout", "idle_in_transaction_session_timeout", "platform.scope",
    ];

    [Theory]
    [InlineData(AccessScope.System, "system")]
    [InlineData(AccessScope.Tenant, "tenant")]
    public async Task A_pooled_session_is_given_up_within_half_a_minute_after_its_host_vanished(AccessScope scope, string scopeSetting)
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        await using var sources = new DataSources(new ConfigurationBuilder().Build());
        await using var connection = await sources.Get(OverTcp(database.ConnectionString), scope).OpenConnectionAsync();
        Assert.Equal(["15", "5", "3", "30000", "1min", scopeSetting], await ReadAsync(connection));
    }

    [Fact]
    public async Task A_session_outside_the_pools_too_and_the_users_own_options_stand()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        var given = OverTcp(database.ConnectionString) + ";Options=-c idle_in_transaction_session_timeout=7s -c work_mem=5MB -c platform.scope=tenant";
        await using var connection = new NpgsqlConnection(DataSources.Dedicated(given));
        await connection.OpenAsync();
        Assert.Equal(["15", "5", "3", "30000", "7s", "system"], await ReadAsync(connection));
        await using var show = new NpgsqlCommand("SHOW work_mem", connection);
        Assert.Equal("5MB", await show.ExecuteScalarAsync());
    }

    /// <summary>The settings mean nothing on a Unix socket.</summary>
    private static string OverTcp(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        Assert.False(settings.Host!.StartsWith('/'), "the test server listens on TCP");
        return connectionString;
    }

    private static async Task<string[]> ReadAsync(NpgsqlConnection connection)
    {
        var values = new List<string>();
        foreach (var setting in Settings)
        {
            await using var show = new NpgsqlCommand($"SHOW {setting}", connection);
            values.Add((string)(await show.ExecuteScalarAsync())!);
        }

        return [.. values];
    }
}
