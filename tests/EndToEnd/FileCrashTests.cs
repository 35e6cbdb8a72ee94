using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Platform.Testing;

namespace Platform.EndToEnd;

/// <summary>SIGKILL at the worst moments of an upload: what was acknowledged is whole, and what was not leaves nothing for long.</summary>
public sealed class FileCrashTests
{
    private static readonly (string, string)[] Impatient = [("Files__OrphanGrace", "00:00:04"), ("Files__RemovalInterval", "00:00:00.300")];

    [Fact]
    public async Task A_kill_in_the_middle_of_an_upload_leaves_neither_a_row_nor_a_file()
    {
        using var folder = new TemporaryFolder();
        var database = await TestPostgres.CreateDatabaseAsync();
        await using var first = await StartAsync(folder, database);
        var (client, key) = await ClientAsync(first, folder);
        var kept = await UploadAsync(client, 500_000);

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, first.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 9000000\r\n\r\n{new string('x', 700_000)}"));
        await Eventually.IsTrueAsync(() => Objects(folder).Any(o => o.EndsWith(".part", StringComparison.Ordinal) && new FileInfo(o).Length > 100_000), "half an upload");
        await first.KillAsync();
        client.Dispose();
        Assert.Equal(2, Objects(folder).Length);

        await using var second = await StartAsync(folder, database);
        await EndsCleanAsync(second, folder, database, kept);
    }

    [Fact]
    public async Task A_kill_between_the_object_and_its_row_leaves_neither()
    {
        using var folder = new TemporaryFolder();
        var database = await TestPostgres.CreateDatabaseAsync();
        await using var first = await StartAsync(folder, database);
        var (client, _) = await ClientAsync(first, folder);
        var kept = await UploadAsync(client, 500_000);

        // The transaction that inserts the row waits here, with the object whole on the disk.
        await using var connection = new NpgsqlConnection(database.AdminConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK TABLE core.file_usage IN EXCLUSIVE MODE", connection))
        {
            await hold.ExecuteNonQueryAsync();
        }

        using var content = new ByteArrayContent(new byte[300_000]);
        var upload = client.PostAsync("/v1/files", content);
        await Eventually.IsTrueAsync(() => Objects(folder).Count(o => !o.EndsWith(".part", StringComparison.Ordinal)) == 2, "the object durable");
        await first.KillAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => upload);
        client.Dispose();
        await transaction.RollbackAsync();
        Assert.Equal(2, Objects(folder).Length);

        await using var second = await StartAsync(folder, database);
        await EndsCleanAsync(second, folder, database, kept);
    }

    [Fact]
    public async Task Kills_under_load_never_lose_an_acknowledged_file_nor_keep_another_one()
    {
        using var folder = new TemporaryFolder();
        var database = await TestPostgres.CreateDatabaseAsync();
        var acknowledged = new List<(string Path, byte[] Hash)>();
        for (var round = 0; round < 3; round++)
        {
            await using var process = await StartAsync(folder, database);
            var (client, _) = await ClientAsync(process, folder);
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var target = acknowledged.Count + 15;
            var callers = Enumerable.Range(0, 4).Select(async _ =>
            {
                try
                {
                    while (true)
                    {
                        var file = await UploadAsync(client, RandomNumberGenerator.GetInt32(1, 400_000));
                        lock (acknowledged)
                        {
                            acknowledged.Add(file);
                            if (acknowledged.Count >= target)
                            {
                                enough.TrySetResult();
                            }
                        }
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
                {
                    // Killed.
                }
            }).ToArray();
            await enough.Task.WaitAsync(TimeSpan.FromSeconds(60));
            await process.KillAsync();
            await Task.WhenAll(callers);
            client.Dispose();
        }

        await using var last = await StartAsync(folder, database);
        await EndsCleanAsync(last, folder, database, [.. acknowledged]);
    }

    /// <summary>Every file that was acknowledged is whole; the disk holds the objects of rows and nothing else.</summary>
    private static async Task EndsCleanAsync(PlatformProcess process, TemporaryFolder folder, TestDatabase database, params (string Path, byte[] Hash)[] kept)
    {
        await Eventually.IsTrueAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM core.object_removal") == 0, "all orphans removed");
        var rows = await database.ScalarAsync<long>("SELECT count(*) FROM core.file");
        Assert.Equal(rows, Objects(folder).Length);
        Assert.True(rows >= kept.Length);
        var (client, _) = await ClientAsync(process, folder);
        foreach (var (path, hash) in kept)
        {
            Assert.Equal(hash, SHA256.HashData(await client.GetByteArrayAsync(path)));
        }

        client.Dispose();
        Assert.Equal(0, await process.TerminateAsync());
    }

    private static async Task<PlatformProcess> StartAsync(TemporaryFolder folder, TestDatabase database)
    {
        var process = PlatformProcess.StartStandalone(folder.Path + "/data", null, [("ConnectionStrings__platform", database.ConnectionString), .. Impatient]);
        await process.ReadyAsync();
        return process;
    }

    private static async Task<(HttpClient Client, string Key)> ClientAsync(PlatformProcess process, TemporaryFolder folder)
    {
        var key = (await File.ReadAllTextAsync(folder.Path + "/data/api-key")).Trim();
        return (process.Client(key), key);
    }

    private static async Task<(string Path, byte[] Hash)> UploadAsync(HttpClient client, int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        using var content = new ByteArrayContent(bytes);
        using var answer = await client.PostAsync("/v1/files", content);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (answer.Headers.Location!.ToString(), SHA256.HashData(bytes));
    }

    private static string[] Objects(TemporaryFolder folder) =>
        Directory.GetFiles(folder.Path + "/data/files", "*", SearchOption.AllDirectories).Where(f => !f.Contains(".probe-", StringComparison.Ordinal)).ToArray();
}
