using Npgsql;
using Platform.Embedded.Cluster;
using Platform.Embedded.Server;

namespace Platform.Embedded;

/// <summary>
/// A PostgreSQL 18 of the platform's own: fetched when missing, initialised at the first start, started and stopped with the
/// platform, started again when it dies. It is private to the machine (loopback, passwords) and to the data folder (one
/// platform at a time).
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private readonly InstanceLock instanceLock;
    private readonly ServerHome home;
    private readonly ClusterSecrets secrets;
    private readonly SemaphoreSlim turn = new(1, 1);
    private ServerProcess server;
    private ServerWatch? watch;
    private bool running;
    private bool disposed;

    private EmbeddedPostgres(InstanceLock instanceLock, ServerHome home, ClusterSecrets secrets, ServerProcess server)
    {
        this.instanceLock = instanceLock;
        this.home = home;
        this.secrets = secrets;
        this.server = server;
        Port = server.Port;
        Begin(server);
    }

    /// <summary>
    /// For Npgsql: the role <c>platform</c>, which owns the database <c>platform</c>, may create databases, and is no superuser,
    /// so that row-level security applies to it.
    /// </summary>
    public string ConnectionString => Connect(Port, "platform", "platform", secrets.PlatformPassword);

    /// <summary>
    /// For Npgsql: the superuser, in the database <c>postgres</c> (so that <c>platform</c> can serve as a template). For tests
    /// and measurements; the product does not use it.
    /// </summary>
    public string AdminConnectionString => Admin(secrets, Port);

    /// <summary>The loopback TCP port; it stays the same for the life of this object.</summary>
    public int Port { get; }

    /// <summary>The server's process id; another one after a restart.</summary>
    public int ProcessId => Volatile.Read(ref server).Id;

    /// <summary>The folder with <c>postgres</c> and <c>initdb</c>.</summary>
    public string BinDirectory => home.Binaries.BinDirectory;

    /// <summary>
    /// Starts the server of the data folder, or carries on with one that a killed platform left running. Accepts connections when
    /// it returns.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">The reason in one line.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, CancellationToken ct)
    {
        var dataDirectory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.DataDirectory));
        try
        {
            var entered = Enter(dataDirectory);
            try
            {
                return await StartAsync(options, dataDirectory, entered, ct);
            }
            catch
            {
                entered.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedPostgresException($"data folder '{dataDirectory}' cannot be used: {e.Message}", e);
        }
        catch (NpgsqlException e)
        {
            throw new EmbeddedPostgresException($"the database of data folder '{dataDirectory}' could not be prepared: {e.Message}", e);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new EmbeddedPostgresException($"PostgreSQL could not be started: {e.Message}", e);
        }
    }

    /// <summary>Stops the server (and stays the owner of the data folder, so that <see cref="RestartAsync"/> can start it again).</summary>
    /// <param name="immediate">Without writing everything out first, as after a crash; nothing that was committed is lost.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task StopAsync(bool immediate = false, CancellationToken ct = default)
    {
        await turn.WaitAsync(ct);
        try
        {
            await EndAsync(immediate, ct);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Stops the server if it runs and starts it on the same port.</summary>
    public async Task RestartAsync(bool immediate, CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            await EndAsync(immediate, ct);
            Begin(await ServerStart.RunAsync(home, Port, keepPort: true, ct));
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Stops the server and gives the data folder free.</summary>
    public async ValueTask DisposeAsync()
    {
        await turn.WaitAsync();
        try
        {
            if (!disposed)
            {
                disposed = true;
                await EndAsync(immediate: false, CancellationToken.None);
                instanceLock.Dispose();
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private static InstanceLock Enter(string dataDirectory)
    {
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
        {
            Folders.CreatePassable(dataDirectory);
        }
        else
        {
            Folders.CreatePrivate(dataDirectory);
        }

        return InstanceLock.Take(dataDirectory);
    }

    private static async Task<EmbeddedPostgres> StartAsync(
        EmbeddedPostgresOptions options, string dataDirectory, InstanceLock entered, CancellationToken ct)
    {
        var (home, secrets) = await ServerPreparation.RunAsync(options, dataDirectory, ct);
        string admin(int port) => Admin(secrets, port);

        if (await ServerAdoption.TryAsync(home, admin, ct) is not { } server)
        {
            ServerLog.Rotate(home.LogPath);
            server = await ServerStart.RunAsync(home, ServerState.Load(dataDirectory)?.Port ?? 0, keepPort: false, ct);
        }

        try
        {
            if (!secrets.Provisioned)
            {
                await DatabaseProvisioning.RunAsync(Admin(secrets, server.Port), secrets, ct);
                secrets = secrets with { Provisioned = true };
                secrets.Save(dataDirectory);
            }

            return new EmbeddedPostgres(entered, home, secrets, server);
        }
        catch
        {
            await server.StopAsync(immediate: false, CancellationToken.None);
            throw;
        }
    }

    private static string Admin(ClusterSecrets secrets, int port) => Connect(port, "postgres", "postgres", secrets.SuperuserPassword);

    // Loopback: offering encryption would only cost round trips.
    private static string Connect(int port, string database, string role, string password) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port,
        Database = database,
        Username = role,
        Password = password,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    private void Begin(ServerProcess started)
    {
        Volatile.Write(ref server, started);
        new ServerState(started.Id, started.Port, ServerState.Fingerprint(home)).Save(home.DataDirectory);
        watch = ServerWatch.Over(home, started, successor => Volatile.Write(ref server, successor));
        running = true;
    }

    private async Task EndAsync(bool immediate, CancellationToken ct)
    {
        if (!running)
        {
            return;
        }

        if (watch is not null)
        {
            // First, so that it does not take the stop for a crash.
            await watch.DisposeAsync();
            watch = null;
        }

        await server.StopAsync(immediate, ct);
        running = false;
    }
}
