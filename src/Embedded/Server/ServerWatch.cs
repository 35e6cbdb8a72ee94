namespace Platform.Embedded.Server;

/// <summary>Starts the server again, on the same port, when it ends without having been told to.</summary>
internal sealed class ServerWatch : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource ending = new();
    private readonly Task loop;

    private ServerWatch(ServerHome home, ServerProcess server, Action<ServerProcess> succeed) =>
        loop = Task.Run(() => RunAsync(home, server, succeed, ending.Token), CancellationToken.None);

    public static ServerWatch Over(ServerHome home, ServerProcess server, Action<ServerProcess> succeed) => new(home, server, succeed);

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ending.Dispose();
    }

    private static async Task RunAsync(ServerHome home, ServerProcess server, Action<ServerProcess> succeed, CancellationToken ct)
    {
        while (true)
        {
            await server.WaitForExitAsync(ct);
            home.Announce?.Invoke("PostgreSQL ended unexpectedly: starting it again ...");
            server = await StartAgainAsync(home, server.Port, ct);
            succeed(server);
            new ServerState(server.Id, server.Port, ServerState.Fingerprint(home)).Save(home.DataDirectory);
        }
    }

    private static async Task<ServerProcess> StartAgainAsync(ServerHome home, int port, CancellationToken ct)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await ServerStart.RunAsync(home, port, keepPort: true, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // A full disk, say: it may pass, and without a database there is nothing better to do than to try.
                home.Announce?.Invoke(e.Message.ReplaceLineEndings(" "));
                await Task.Delay(pause, ct);
            }
        }
    }
}
