namespace Platform.ServiceDefaults.Authentication.Keys;

/// <summary>
/// Looks keys up, one statement at a time: what is asked for while one runs goes into the next together, and all who ask for one key
/// share its answer. An answer is always read after it was asked for. A flood of unknown keys takes one connection, not the pool.
/// </summary>
internal sealed class KeyLoader(Func<Guid[], CancellationToken, Task<Dictionary<Guid, KnownKey>>> read)
{
    private readonly Lock _gate = new();
    private Dictionary<Guid, TaskCompletionSource<KnownKey?>> _next = [];
    private bool _running;

    public Task<KnownKey?> LoadAsync(Guid id)
    {
        lock (_gate)
        {
            if (!_next.TryGetValue(id, out var waiting))
            {
                _next[id] = waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (!_running)
            {
                _running = true;
                _ = Task.Run(RunAsync);
            }

            return waiting.Task;
        }
    }

    private async Task RunAsync()
    {
        while (TakeNext() is { } batch)
        {
            try
            {
                var found = await read([.. batch.Keys], CancellationToken.None);
                foreach (var (id, waiting) in batch)
                {
                    waiting.SetResult(found.GetValueOrDefault(id));
                }
            }
            catch (Exception e)
            {
                // Each request that asked answers for itself.
                foreach (var waiting in batch.Values)
                {
                    waiting.SetException(e);
                }
            }
        }
    }

    private Dictionary<Guid, TaskCompletionSource<KnownKey?>>? TakeNext()
    {
        lock (_gate)
        {
            if (_next.Count == 0)
            {
                _running = false;
                return null;
            }

            var batch = _next;
            _next = [];
            return batch;
        }
    }
}
