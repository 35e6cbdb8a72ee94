using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Contracts.Events;
using Platform.Eventing;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;

namespace Platform.Benchmarks.Stream;

internal sealed class BenchDatabase(DataSources sources) : ServiceDatabase("bench", new MigrationSet("bench", []), sources);

/// <summary>Does nothing with an event but note when it came.</summary>
internal sealed class NoOpHandler : IEventHandler
{
    private long _count;

    public long Count => Volatile.Read(ref _count);

    /// <summary>When each event came, in stopwatch ticks; kept while it is not null.</summary>
    public ConcurrentDictionary<Guid, long>? Arrivals { get; set; }

    public Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var now = Stopwatch.GetTimestamp();
        if (Arrivals is { } arrivals)
        {
            foreach (var received in batch.Events)
            {
                arrivals[received.Id] = now;
            }
        }

        Interlocked.Add(ref _count, batch.Events.Count);
        return Task.CompletedTask;
    }
}

/// <summary>A service with nothing but an outbox, a relay and one consumer group, with the settings that it comes with.</summary>
internal sealed class StreamNode(IHost host) : IAsyncDisposable
{
    public NoOpHandler Handler => host.Services.GetRequiredService<NoOpHandler>();

    public BenchDatabase Database => host.Services.GetRequiredService<BenchDatabase>();

    public static async Task<StreamNode> StartAsync(string database, string? kafka, bool inbox)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:platform"] = database,
            ["ConnectionStrings:kafka"] = kafka,
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddEventing<BenchDatabase>(e => e.AddConsumer<NoOpHandler>("bench.noop", [Topics.Core], configure: g => g with { UseInbox = inbox }));
        var host = builder.Build();
        await host.Services.GetRequiredService<DatabaseStartup>().RunAsync(CancellationToken.None);
        return new(host);
    }

    public Task StartWorkAsync() => host.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }
}
