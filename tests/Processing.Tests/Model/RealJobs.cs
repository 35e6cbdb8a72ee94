using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Database;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Running;
using Platform.Processing.Types;

namespace Platform.Processing.Tests.Model;

/// <summary>An item as a worker got it, for as long as the case lasts: also when the claim is over.</summary>
internal sealed record Taken(WorkItem Item, RunnableJob Work);

/// <summary>
/// The product's own statements, step by step: claims, leases and settlements as the engine makes them, attempts by the product's handler, callers over HTTP.
/// Nothing moves by itself: no worker, relay or consumer runs.
/// </summary>
internal sealed class RealJobs : IAsyncDisposable
{
    private readonly TestService _service;
    private readonly WorkQueueOptions _options = new() { Queues = [new("default", 1)], Lease = TimeSpan.FromHours(1) };
    private readonly ProcessingDatabase _database;
    private readonly DataSources _sources;
    private readonly WorkStore _store;
    private readonly JobHandler _handler;
    private HttpClient _client = null!;

    private RealJobs(TestService service)
    {
        _service = service;
        _handler = service.Services.GetRequiredService<JobHandler>();
        _database = service.Services.GetRequiredService<ProcessingDatabase>();
        _sources = service.Services.GetRequiredService<DataSources>();
        _store = new(_database, _sources, _options);
    }

    /// <summary>A bug that the model must find: settling by id alone, whoever holds the item by now.</summary>
    public bool ForgetsTokens { get; init; }

    public TestDatabase Database => _service.Database;

    public Guid Tenant { get; private set; }

    public static async Task<RealJobs> StartAsync(bool forgetsTokens = false)
    {
        var service = await TestService.StartAsync("processing", services =>
        {
            services.AddProcessing();
            services.AddJob<Anything, Scripted>("scripted", job => job.TakesAnything = true);
            foreach (var moving in services.Where(Moves).ToArray())
            {
                services.Remove(moving);
            }
        }, app => app.MapProcessing(), settings: [("Processing:RetryUnit", "01:00:00"), ("Processing:ScheduleTick", "01:00:00")]);
        return new(service) { ForgetsTokens = forgetsTokens };
    }

    /// <summary>A tenant of its own, and nothing left to be claimed of the cases before.</summary>
    public async Task BeginAsync()
    {
        await Database.ExecuteAsync("DELETE FROM processing.work_item; DELETE FROM processing.work_pause");
        Tenant = TypeId.New(TimeProvider.System);
        _client?.Dispose();
        _client = _service.Client(Tenant);
    }

    public async Task<Guid> SubmitAsync(int maxAttempts)
    {
        var job = await _client.SubmittedAsync("scripted", "{}", $",\"max_attempts\":{maxAttempts}");
        Assert.True(TypeId.TryParse(IdPrefix.Job, job.Id, out var id));
        return id;
    }

    public async Task<IReadOnlyList<Taken>> ClaimAsync(int count)
    {
        // Of a process that has not looked yet: a look is spared where the last one is fresh.
        var claims = new WorkClaims(_database, _sources, _options, TimeProvider.System);
        var claim = await claims.ClaimAsync(new([count], (_, _) => count, IsFlooded: false, IsSignalled: true), (_, _) => { }, CancellationToken.None);
        var items = claim.Items.Select(i => i.Item).ToArray();
        if (items.Length == 0)
        {
            return [];
        }

        var works = await _handler.LoadAsync(items, CancellationToken.None);
        return [.. items.Select(i => new Taken(i, works[i.Id]))];
    }

    public Task<HashSet<Guid>> RenewAsync(IReadOnlyList<Taken> taken) => _store.RenewAsync([.. taken.Select(t => t.Item)], CancellationToken.None);

    public Task<HashSet<Guid>> CheckAsync(IReadOnlyList<Taken> taken) => _store.CheckAsync([.. taken.Select(t => t.Item)], CancellationToken.None);

    /// <summary>Runs the attempt to this end and writes it. False where it was refused.</summary>
    public async Task<bool> EndAsync(Taken taken, StepKind how)
    {
        var outcome = how switch
        {
            StepKind.GiveBack => null,
            _ => await RunAsync(taken, how),
        };
        var item = ForgetsTokens ? taken.Item with { Token = await CurrentTokenAsync(taken.Item) } : taken.Item;
        var settlement = new Settlement(item, outcome?.Verdict ?? WorkVerdict.Postpone, outcome?.Delay ?? TimeSpan.Zero);
        var kept = await _store.SettleAsync([settlement], (batch, ids) =>
        {
            if (outcome is not null && ids.Contains(item.Id))
            {
                _handler.WriteEffects(batch, [new(item, taken.Work, outcome)]);
            }
        }, CancellationToken.None);
        return kept.Contains(item.Id);
    }

    public Task MoveLeaseAsync(Guid id) => Database.ExecuteAsync($"UPDATE processing.work_item SET lease_until = now() - interval '1 second' WHERE id = '{id}' AND state = 2");

    public Task MoveRunAtAsync(Guid id) => Database.ExecuteAsync($"UPDATE processing.work_item SET run_at = now() - interval '1 second' WHERE id = '{id}' AND state = 0");

    /// <summary>The status of the answer.</summary>
    public async Task<int> PostAsync(string path, string? body = null)
    {
        using var response = await _client.SendJsonAsync(HttpMethod.Post, path, body);
        return (int)response.StatusCode;
    }

    /// <summary>State and attempt of each job, as the API shows them.</summary>
    public async Task<Dictionary<Guid, (string State, int Attempt)>> ShownAsync() =>
        (await _client.GetDocumentAsync("/v1/jobs?limit=200"))["data"].EnumerateArray().ToDictionary(
            j => TypeId.TryParse(IdPrefix.Job, j.GetProperty("id").GetString(), out var id) ? id : default,
            j => (j.GetProperty("state").GetString()!, j.GetProperty("attempt").GetInt32()));

    /// <summary>The events of each job, by type.</summary>
    public async Task<Dictionary<(string Job, string Type), int>> EventsAsync()
    {
        await using var connection = new NpgsqlConnection(Database.AdminConnectionString);
        await connection.OpenAsync();
        await using var select = new NpgsqlCommand(
            "SELECT key, headers::json->>'ce_type', count(*)::int FROM processing.outbox WHERE headers::json->>'ce_tenantid' = $1 GROUP BY 1, 2", connection)
        {
            Parameters = { new() { Value = TypeId.Format(IdPrefix.Organization, Tenant) } },
        };
        await using var reader = await select.ExecuteReaderAsync();
        var counts = new Dictionary<(string, string), int>();
        while (await reader.ReadAsync())
        {
            counts[(reader.GetString(0), reader.GetString(1))] = reader.GetInt32(2);
        }

        return counts;
    }

    public Task<long> CountAsync(string table) => Database.ScalarAsync<long>($"SELECT count(*) FROM processing.{table} WHERE tenant_id = '{Tenant}'");

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await _service.DisposeAsync();
    }

    private async Task<WorkOutcome<JobEnd>> RunAsync(Taken taken, StepKind how)
    {
        Scripted.Endings[taken.Work.PublicId] = how;
        return await _handler.RunAsync(taken.Item, taken.Work, CancellationToken.None);
    }

    private async Task<long> CurrentTokenAsync(WorkItem item)
    {
        await using var connection = new NpgsqlConnection(Database.AdminConnectionString);
        await connection.OpenAsync();
        await using var select = new NpgsqlCommand($"SELECT token FROM processing.work_item WHERE id = '{item.Id}'", connection);
        return await select.ExecuteScalarAsync() as long? ?? item.Token;
    }

    /// <summary>Workers, relays and consumers are made by the event path's own factories.</summary>
    private static bool Moves(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService) && service.ImplementationFactory?.Method.DeclaringType?.Assembly == typeof(WorkQueue).Assembly;

    /// <summary>A job that ends as the case says.</summary>
    private sealed class Scripted : IConsumer<JobRun<Anything>>
    {
        public static readonly ConcurrentDictionary<string, StepKind> Endings = new(StringComparer.Ordinal);

        public Task Consume(ConsumeContext<JobRun<Anything>> context)
        {
            var run = context.Message;
            Action end = Endings[run.Id] switch
            {
                StepKind.Fail => () => run.Fail("as the case says"),
                StepKind.GiveUp => () => run.GiveUp("as the case says, for good"),
                StepKind.Snooze => () => run.Snooze(TimeSpan.FromHours(1)),
                _ => () => { },
            };
            end();
            return Task.CompletedTask;
        }
    }

    private sealed record Anything;
}
