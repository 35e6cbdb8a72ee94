namespace Platform.Processing.Types;

/// <summary>Makes the handlers' pipes once everything has started, so that neither the start nor the first jobs wait for it.</summary>
internal sealed class PrepareHandlers(JobTypes types) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _ = Task.Run(() =>
        {
            foreach (var type in types.All)
            {
                type.Prepare();
            }
        }, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
