using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Eventing;
using Platform.Eventing.Database;
using Platform.Faults.Host;
using Platform.Faults.Host.Jobs;

// A service reduced to its event path, for tests that kill it: `relay`, `consumer` or `both`, and the name of the instance. Says
// `ready` and runs until SIGTERM. Everything else comes from the environment, as for any service. `worker` is a service reduced to its jobs.
var (role, instance) = (args[0], args[1]);

// Its input ends when the tests are gone, however they went: nobody would end it then.
_ = Task.Run(async () =>
{
    while (await Console.In.ReadLineAsync() is not null)
    {
    }

    using var self = Process.GetCurrentProcess();
    self.Kill();
});
if (role == "worker")
{
    return await WorkerHost.RunAsync(instance);
}

var builder = Host.CreateEmptyApplicationBuilder(null);
builder.Configuration.AddEnvironmentVariables();
builder.Configuration["Eventing:Instance"] = instance;
builder.Logging.AddSimpleConsole(o => o.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
builder.Services.AddEventing<LedgerDatabase>(events =>
{
    if (role is "consumer" or "both")
    {
        events.AddConsumer<WriteEntries>(LedgerEvents.EntriesGroup, [LedgerEvents.Entries], ["ledger.entry"])
            .AddConsumer<WriteEchoes>(LedgerEvents.EchoesGroup, [LedgerEvents.Echoes], ["ledger.echo"]);
    }
});
using var host = builder.Build();
await host.Services.GetRequiredService<DatabaseStartup>().RunAsync(CancellationToken.None);

// The relay comes with the event path; an instance that only consumes does not start it.
var workers = host.Services.GetServices<IHostedService>().Where(w => role != "consumer" || w.GetType().Name != "RelayWorker").ToArray();
foreach (var worker in workers)
{
    await worker.StartAsync(CancellationToken.None);
}

var terminated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    terminated.TrySetResult();
});
Console.WriteLine("ready");
await terminated.Task;
await Task.WhenAll(workers.Select(w => w.StopAsync(CancellationToken.None)));
return 0;
