using System.Text.Json;
using Npgsql;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Peers;

namespace Platform.Processing.Running;

/// <summary>
/// One attempt of a job, as its handler sees it. A handler that returns without having said otherwise has succeeded; of several endings the last
/// one counts. Nothing that is said after the handler has returned counts, and nothing at all once the claim is lost.
/// </summary>
public abstract class JobRun
{
    /// <summary>Bytes of JSON that a result may have.</summary>
    public const int MaxResult = 512 * 1024;

    private AttemptResult _result = AttemptResult.Success(null);
    private List<Action<NpgsqlBatch>>? _effects;
    private RunProgress? _progress;
    private bool _closed;

    private protected JobRun(JobClaim claim, JobTypeOptions options)
    {
        Claim = claim;
        Options = options;
    }

    /// <summary><c>job_...</c></summary>
    public string Id => Claim.Work.PublicId;

    /// <summary>The same, as a UUID.</summary>
    public Guid Key => Claim.Item.Id;

    /// <summary>Whose job it is.</summary>
    public Guid TenantId => Claim.Item.TenantId;

    public string Type => Claim.Work.Type;

    /// <summary>1 for the first. Attempts that were snoozed, or given back because the worker stopped, are not counted.</summary>
    public int Attempt => Claim.Item.Attempt;

    public int MaxAttempts => Claim.Work.MaxAttempts;

    /// <summary>As whom the job calls other services: for its organization, with the scopes of its type.</summary>
    public ServiceCaller Caller => new(TenantId, Claim.Work.SubmittedBy, Id, Options.Scopes);

    internal JobClaim Claim { get; }
    internal JobTypeOptions Options { get; }
    internal AttemptResult Result => _result;
    internal IReadOnlyList<Action<NpgsqlBatch>> Effects => _effects ?? [];

    /// <summary>Null while nothing was said or asked about it.</summary>
    internal RunProgress? ProgressIfAny => _progress;

    internal RunProgress Progress => _progress ??= new(Claim);

    /// <summary>It is done. The result is shown as <c>result</c>; null for none.</summary>
    /// <typeparam name="T">Written by System.Text.Json, names in snake_case.</typeparam>
    public void Succeed<T>(T? result) => SucceedWith(result is null ? null : JsonSerializer.SerializeToUtf8Bytes(result, JobJson.Options));

    /// <summary>It is done; <paramref name="json"/> is the result, valid JSON already.</summary>
    public void SucceedWith(byte[]? json) => End(json?.Length > MaxResult
        ? AttemptResult.Failure($"The result has {json.Length} bytes of JSON and may have {MaxResult}.") with { IsHopeless = true }
        : AttemptResult.Success(json));

    /// <summary>This attempt failed; another may follow.</summary>
    /// <param name="error">Shown as <c>error</c>, and in the list of failed attempts; cut at 2,000 characters.</param>
    /// <param name="notBefore">The next attempt is not made before this.</param>
    public void Fail(string error, TimeSpan? notBefore = null) => End(AttemptResult.Failure(error) with { NotBefore = notBefore });

    /// <summary>It failed, and no further attempt can succeed: the job goes to the dead letters.</summary>
    public void GiveUp(string error) => End(AttemptResult.Failure(error) with { IsHopeless = true });

    /// <summary>Comes back later; this attempt does not count and nothing of it is shown.</summary>
    /// <param name="delay">Until then; at least zero.</param>
    public void Snooze(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        End(new(null, null) { Snooze = delay });
    }

    /// <summary>
    /// Adds statements that commit together with the job's success, in one transaction in Processing's database, and only while this claim holds: such
    /// effects happen exactly once, however often the job is run. They are not run where the attempt ends otherwise.
    /// </summary>
    /// <param name="statements">Called when the transaction is made; it must only add commands, and not throw.</param>
    public void InTransaction(Action<NpgsqlBatch> statements)
    {
        if (!_closed)
        {
            (_effects ??= []).Add(statements);
        }
    }

    /// <summary>Says how far the job is. Shown as <c>progress</c> and <c>progress_note</c>; written at most once a second, the latest wins.</summary>
    /// <param name="progress">0 to 1.</param>
    /// <param name="note">What is being done, up to 500 characters; null leaves the one before.</param>
    /// <param name="now">Write at once.</param>
    /// <exception cref="OperationCanceledException">The claim is lost.</exception>
    public Task ReportAsync(double progress, string? note = null, bool now = false, CancellationToken cancellationToken = default) =>
        _closed ? Task.CompletedTask : Progress.SaveAsync(progress, note, null, now, cancellationToken);

    /// <summary>
    /// Keeps where the job is, so that the next attempt can go on from there, on whichever instance; written at most once a second, the latest wins,
    /// and when the attempt ends without success. A success deletes it. A job that is retried after it died or was cancelled has its last one.
    /// </summary>
    /// <param name="state">Up to 64 KiB of JSON.</param>
    /// <inheritdoc cref="ReportAsync"/>
    /// <exception cref="ArgumentException">The state is too large.</exception>
    /// <exception cref="OperationCanceledException">The claim is lost.</exception>
    public Task CheckpointAsync<T>(T state, double? progress = null, string? note = null, bool now = false, CancellationToken cancellationToken = default)
        where T : class => _closed ? Task.CompletedTask : Progress.SaveAsync(progress, note, RunProgress.Encode(state), now, cancellationToken);

    /// <summary>What an earlier attempt kept last; null when there is nothing.</summary>
    public async Task<T?> ReadCheckpointAsync<T>(CancellationToken cancellationToken = default)
        where T : class =>
        await Progress.ReadCheckpointAsync(cancellationToken) is { } json ? JsonSerializer.Deserialize<T>(json, JobJson.Options) : null;

    internal void TimedOut(string error) => _result = AttemptResult.Failure(error);

    /// <summary>The handler has returned: what it still says does not count.</summary>
    internal void Close() => _closed = true;

    private void End(AttemptResult result)
    {
        if (!_closed)
        {
            _result = result;
        }
    }
}

/// <inheritdoc/>
/// <typeparam name="TPayload">What the job's <c>payload</c> is read into.</typeparam>
public sealed class JobRun<TPayload> : JobRun
    where TPayload : class
{
    internal JobRun(JobClaim claim, JobTypeOptions options, TPayload payload)
        : base(claim, options) => Payload = payload;

    public TPayload Payload { get; }
}
