using System.Text.Json;
using Npgsql;

namespace Platform.Embedded.Server;

/// <summary><c>postgres.state.json</c>: what was last started, so that the next start knows the port and whether the settings still hold.</summary>
internal sealed record ServerState(int ProcessId, int Port, string Settings)
{
    public static ServerState? Load(string dataDirectory)
    {
        try
        {
            return JsonSerializer.Deserialize<ServerState>(File.ReadAllBytes(PathIn(dataDirectory)));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // Only a hint; what runs is found out from the server's own file.
            return null;
        }
    }

    public void Save(string dataDirectory)
    {
        try
        {
            AtomicFile.Write(PathIn(dataDirectory), JsonSerializer.SerializeToUtf8Bytes(this));
        }
        catch (IOException)
        {
            // Without the hint (a full disk) the next start does not adopt but restarts.
        }
    }

    public static string Fingerprint(ServerHome home) => string.Join('\n', home.Settings.Prepend(home.Binaries.Postgres));

    private static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "postgres.state.json");
}

/// <summary>
/// The server outlives a platform that was killed. Whoever comes next (and holds the instance lock) carries on with it, if it is
/// the right one and answers; otherwise it is stopped, so that a new one can be started.
/// </summary>
internal static class ServerAdoption
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static async Task<ServerProcess?> TryAsync(ServerHome home, Func<int, string> adminConnectionString, CancellationToken ct)
    {
        if (PostmasterFile.Read(home.Cluster) is not { } file || !file.IsServerOf(home.Cluster))
        {
            return null;
        }

        if (!file.IsStopping)
        {
            file = await ServerStart.WaitUntilReadyAsync(
                home, f => f.ProcessId == file.ProcessId, () => !Processes.IsAlive(file.ProcessId), ct);
            if (file is null)
            {
                return null;
            }
        }

        var found = new ServerProcess(home, file.ProcessId, file.Port);
        if (file.IsReady
            && ServerState.Load(home.DataDirectory)?.Settings == ServerState.Fingerprint(home)
            && await AnswersAsync(adminConnectionString(file.Port), home.Cluster, ct))
        {
            return found;
        }

        await found.StopAsync(immediate: false, ct);
        return null;
    }

    private static async Task<bool> AnswersAsync(string connectionString, string cluster, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(limit.Token);
            await using var command = new NpgsqlCommand("select current_setting('data_directory')", connection);
            return (string?)await command.ExecuteScalarAsync(limit.Token) == cluster;
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            return false;
        }
    }
}
