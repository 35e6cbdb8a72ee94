using System.Collections.Concurrent;
using MassTransit;
using Npgsql;
using Platform.Processing.Running;

namespace Platform.Processing.Tests;

/// <summary>A job that does what its payload says, one step after the other; an attempt after a failure goes on behind the step that failed.</summary>
public sealed class Steps : IConsumer<JobRun<StepsPayload>>
{
    private static readonly ConcurrentDictionary<string, int> Done = new();
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Waiting = new();
    private static readonly ConcurrentDictionary<string, bool> Refused = new();

    public static bool Waits(string job) => Waiting.ContainsKey(job);

    public static void Release(string job) => Waiting[job].SetResult();

    public static bool WasRefused(string job) => Refused.ContainsKey(job);

    public async Task Consume(ConsumeContext<JobRun<StepsPayload>> context)
    {
        var run = context.Message;
        var token = context.CancellationToken;
        var resumed = await run.ReadCheckpointAsync<StepsCheckpoint>(token);
        for (var i = Done.GetValueOrDefault(run.Id); i < run.Payload.Do.Count; i++)
        {
            switch (run.Payload.Do[i])
            {
                case "ledger":
                    run.InTransaction(batch => batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO public.ledger (job) VALUES ($1)") { Parameters = { new() { Value = run.Id } } }));
                    break;
                case "checkpoint":
                    try
                    {
                        await run.CheckpointAsync(new StepsCheckpoint(i + 1), 0.25, run.Id, cancellationToken: token);
                    }
                    catch (OperationCanceledException)
                    {
                        Refused[run.Id] = true;
                        throw;
                    }

                    break;
                case "fail":
                    Done[run.Id] = i + 1;
                    run.Fail("failed");
                    return;
                case "give_up":
                    run.GiveUp("given up");
                    return;
                case "give_up_once":
                    Done[run.Id] = i + 1;
                    run.GiveUp("given up");
                    return;
                case "snooze_once":
                    Done[run.Id] = i + 1;
                    run.Snooze(TimeSpan.FromMilliseconds(10));
                    return;
                case "wait_once":
                    Done[run.Id] = i + 1;
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                    break;
                case "wait":
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                    break;
                case "await_theft":
                    // Deaf to its token, as a handler may be.
                    await Waiting.GetOrAdd(run.Id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                    break;
            }
        }

        run.Succeed(new StepsResult(run.Attempt, resumed?.At));
    }
}

public sealed record StepsPayload(IReadOnlyList<string> Do);

public sealed record StepsCheckpoint(int At);

public sealed record StepsResult(int Attempt, int? ResumedFrom);

/// <summary>A job whose payload has a shape.</summary>
public sealed class Typed : IConsumer<JobRun<TypedPayload>>
{
    public Task Consume(ConsumeContext<JobRun<TypedPayload>> context) => Task.CompletedTask;
}

public sealed record TypedPayload
{
    public required string Name { get; init; }
    public int? Count { get; init; }
    public TypedMode Mode { get; init; }
    public required TypedPlace At { get; init; }
    public IReadOnlyList<string>? Tags { get; init; }
}

public sealed record TypedPlace(double Lat, double Lon);

public enum TypedMode
{
    Quiet,
    Normal,
}
