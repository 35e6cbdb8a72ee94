using System.Text.Json;
using Platform.Processing.Types;

namespace Platform.Processing.Running;

/// <summary>What an attempt says of its progress, and what of it is written: the latest, at most once a second, under its claim's token.</summary>
internal sealed class RunProgress(JobClaim claim) : IDisposable
{
    public const int MaxCheckpoint = 64 * 1024;
    private const int MaxNote = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A flush at the end must not hold up the worker for long: what it saves is only a shortcut.
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<(long Seq, byte[] Entries)> _log = [];
    private double? _progress;
    private string? _note;
    private byte[]? _checkpoint;
    private bool _pending;
    private long _written;

    /// <summary>The database has said that the claim is lost.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>There may be rows of this job to delete.</summary>
    public bool HasRows { get; private set; }

    /// <exception cref="ArgumentException">It is too large.</exception>
    public static byte[] Encode<T>(T state)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(state, JobJson.Options);
        return json.Length <= MaxCheckpoint ? json : throw new ArgumentException($"A checkpoint may have {MaxCheckpoint} bytes of JSON, and this has {json.Length}.", nameof(state));
    }

    /// <summary>Lines for the job's log, to be written with the next checkpoint and never without it.</summary>
    /// <param name="seq">Their place: what is there already at the same place stays.</param>
    public void Log(long seq, byte[] entries) => _log.Add((seq, entries));

    public async Task SaveAsync(double? progress, string? note, byte[]? checkpoint, bool now, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _progress = progress is { } p ? Math.Clamp(double.IsNaN(p) ? 0 : p, 0, 1) : _progress;
            _note = note is null ? _note : Storable(note);
            _checkpoint = checkpoint ?? _checkpoint;
            _pending = true;
            if (now || _written == 0 || claim.Clock.GetElapsedTime(_written) >= Interval)
            {
                await WriteAsync(cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task<byte[]?> ReadCheckpointAsync(CancellationToken cancellationToken)
    {
        var (found, checkpoint) = await ProgressRows.FindAsync(claim, cancellationToken);
        HasRows |= found;
        return checkpoint;
    }

    /// <summary>Writes what is not written yet; where that fails, an earlier one counts.</summary>
    public async Task TryFlushAsync()
    {
        if (!_pending || IsRefused)
        {
            return;
        }

        using var patience = new CancellationTokenSource(FlushTimeout, claim.Clock);
        try
        {
            await WriteAsync(patience.Token);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or OperationCanceledException or TimeoutException or InvalidOperationException)
        {
            // The attempt after this one does a little more again.
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (IsRefused || !await ProgressRows.SaveAsync(claim, _progress, _note, _checkpoint, _log, cancellationToken))
        {
            IsRefused = true;
            throw new ClaimLostException();
        }

        HasRows = true;
        _pending = false;
        _log.Clear();
        _written = claim.Clock.GetTimestamp();
    }

    /// <summary>Short, without what PostgreSQL cannot hold.</summary>
    private static string Storable(string note) =>
        System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(note.Length > MaxNote ? note[..MaxNote] : note)).Replace('\0', ' ');
}
