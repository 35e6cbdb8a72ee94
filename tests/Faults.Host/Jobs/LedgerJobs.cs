using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;
using Platform.Processing.Running;
using Platform.Processing.Types;

namespace Platform.Faults.Host.Jobs;

/// <summary>What a job of the campaign is to do.</summary>
public sealed record LedgerEntry
{
    /// <summary>Its number at the source.</summary>
    public required int N { get; init; }

    /// <summary>How long it takes.</summary>
    public required int Milliseconds { get; init; }

    /// <summary>Attempts that fail before one succeeds.</summary>
    public int Fails { get; init; }

    /// <summary>No attempt can succeed.</summary>
    public bool Dies { get; init; }
}

/// <summary>Writes a row to <c>processing.ledger</c> in the transaction that ends the job. Listens to nobody: what it finds out, it tries to write.</summary>
public sealed class WriteLedger : IConsumer<JobRun<LedgerEntry>>
{
    public const string Type = "ledger";
    public const string PlannedDeath = "as it was planned";

    public async Task Consume(ConsumeContext<JobRun<LedgerEntry>> context)
    {
        var run = context.Message;
        await Task.Delay(run.Payload.Milliseconds, CancellationToken.None);
        if (run.Payload.Dies)
        {
            run.GiveUp(PlannedDeath);
        }
        else if (run.Attempt <= run.Payload.Fails)
        {
            run.Fail("not yet");
        }
        else
        {
            run.InTransaction(batch => batch.BatchCommands.Add(new("INSERT INTO processing.ledger (job_id, n, attempt) VALUES ($1, $2, $3)")
            {
                Parameters =
                {
                    new() { Value = run.Key, NpgsqlDbType = NpgsqlDbType.Uuid }, new() { Value = run.Payload.N }, new() { Value = run.Attempt },
                },
            }));
        }
    }
}

public static class LedgerJobs
{
    public static IServiceCollection AddLedgerJobs(this IServiceCollection services) => services.AddJob<LedgerEntry, WriteLedger>(WriteLedger.Type);
}
