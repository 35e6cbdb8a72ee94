using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing;
using Platform.Eventing.Consumers;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Authentication;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Telemetry;

public sealed class OtlpTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private static readonly string TraceParent = $"00-{TraceId}-b7ad6b7169203331-01";

    [Fact]
    public async Task OneTraceJoinsRequestRelayAndConsumer()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var service = await StartAsync([
            ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ]))
        {
            await PublishAsync(service);
            await Eventually.IsTrueAsync(
                () => receiver.Spans.Any(s => s.TraceId == TraceId && s.Name.StartsWith("process sample.listener", StringComparison.Ordinal)), $"the consumer's span in {string.Join(", ", receiver.Spans)}", TimeSpan.FromSeconds(5));
        }

        var names = receiver.Spans.Where(s => s.TraceId == TraceId).Select(s => s.Name).ToArray();
        Assert.Contains("POST /publish", names);
        Assert.Contains("publish outbox", names);

        // The database's spans come with the request's; the polls that belong to nobody do not.
        Assert.Contains(receiver.Spans, s => s.Scope == "Npgsql" && s.TraceId == TraceId);
        Assert.DoesNotContain(receiver.Spans, s => s.Scope == "Npgsql" && s.IsRoot);
        Assert.All(receiver.Spans, s => Assert.Contains("sample", s.Resource, StringComparison.Ordinal));

        // What was left was sent at the stop.
        Assert.Contains("platform.relay.events", receiver.Metrics.Keys);
        Assert.Contains("http.server.request.duration", receiver.Metrics.Keys);
    }

    [Fact]
    public async Task ACollectorThatIsAwayHoldsNobodyUp()
    {
        await using var service = await StartAsync([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]);
        await PublishAsync(service);
    }

    [Fact]
    public async Task WithoutOtlpEventsStillCarryTheCallersTrace()
    {
        await using var service = await StartAsync([]);
        await PublishAsync(service);
        await Eventually.IsTrueAsync(() => Listener.Heard.Any(p => p?.Contains(TraceId, StringComparison.Ordinal) == true), "the event");
    }

    private static Task<TestService> StartAsync((string, string)[] settings) =>
        SampleService.StartAsync(
            app => app.MapPost("/publish", async (HttpContext http, SampleDatabase database) =>
            {
                var tenant = http.Principal().TenantId;
                await using var connection = await database.Requests.OpenConnectionAsync();
                await using var batch = new NpgsqlBatch(connection);
                OutboxWriter.Append(batch, database.Schema, OutboxMessage.Create(
                    "sample", tenant, TypeId.Format(IdPrefix.Organization, tenant),
                    new OrganizationCreated { Id = TypeId.Format(IdPrefix.Organization, tenant), Name = "x" }, TimeProvider.System));
                await batch.ExecuteNonQueryAsync();
                database.OutboxWritten.Set();
            }).RequireScope(Scopes.ResourcesWrite),
            services => new EventingBuilder<SampleDatabase>(services).AddConsumer<Listener>("sample.listener", [Topics.Audit]),
            settings: settings);

    private static async Task PublishAsync(TestService service)
    {
        using var client = service.Client();
        client.DefaultRequestHeaders.Add("traceparent", TraceParent);
        var response = await client.PostAsync("/publish", null);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private sealed class Listener : IEventHandler
    {
        public static System.Collections.Concurrent.ConcurrentBag<string?> Heard { get; } = [];

        public Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
        {
            foreach (var received in batch.Events)
            {
                Heard.Add(received.TraceParent);
            }

            return Task.CompletedTask;
        }
    }
}
