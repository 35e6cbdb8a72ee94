using System.Diagnostics.Metrics;
using Platform.Contracts.Protos.V1;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>How a stream is counted: as one request when it is let in, and among no durations.</summary>
public sealed class MeteringTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    [Fact]
    public async Task A_stream_counts_when_it_begins_and_has_no_duration()
    {
        // Of the whole process, other tests' requests included: those that were refused have a duration, streams have none.
        var (refusals, streams) = (0, 0);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "http.server.request.duration")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            if (tags.ToArray().Any(t => t.Value is "/v1/events/stream"))
            {
                Interlocked.Increment(ref tags.ToArray().Any(t => t is { Key: "http.response.status_code", Value: 200 }) ? ref streams : ref refusals);
            }
        });
        listener.Start();
        var tenant = Publishing.NewTenant();
        using var client = fixture.Service.Client(tenant);
        using (var refused = await client.GetAsync("/v1/events/stream?after=x"))
        {
            Assert.Equal(400, (int)refused.StatusCode);
        }

        await Eventually.IsTrueAsync(() => Volatile.Read(ref refusals) > 0, "the duration of an answer that is no stream");
        using (var stream = await SseClient.OpenAsync(client))
        {
            await Eventually.IsTrueAsync(async () => await CountAsync(tenant, "GET /v1/events/stream", 200) == 1, "the stream is counted while it lasts");
        }

        using var list = await client.GetAsync("/v1/events");
        await Eventually.IsTrueAsync(async () => await CountAsync(tenant, "GET /v1/events", 200) == 1, "what came after it");
        Assert.Equal(1, await CountAsync(tenant, "GET /v1/events/stream", 200));
        Assert.Equal(1, await CountAsync(tenant, "GET /v1/events/stream", 400));
        Assert.Equal(0, Volatile.Read(ref streams));
    }

    [Fact]
    public async Task A_call_of_gRPC_counts_as_its_route_and_a_watch_as_its_method()
    {
        var tenant = Publishing.NewTenant();
        using var client = new GrpcClient(fixture.Service.GrpcAddress, TestAuthenticator.Token(tenant));
        await client.CallAsync("/platform.v1.Resources/Create", new CreateResourceRequest { Type = "order", Data = new() });
        await client.CallAsync("/platform.v1.Resources/Create", new CreateResourceRequest());
        using var stream = await client.OpenAsync("/platform.v1.Events/Watch", [GrpcClient.Frame(new WatchEventsRequest())]);
        await stream.ReadAsync();
        await Eventually.IsTrueAsync(async () => await CountAsync(tenant, "POST /platform.v1.Events/Watch", 200) == 1, "the watch is counted while it lasts");
        Assert.Equal(1, await CountAsync(tenant, "POST /v1/resources", 201));
        Assert.Equal(1, await CountAsync(tenant, "POST /v1/resources", 400));
    }

    private Task<long> CountAsync(Guid tenant, string route, int status) => fixture.Service.Database.ScalarAsync<long>($"""
        SELECT COALESCE(sum((r->>'count')::bigint), 0)::bigint
        FROM stream.events_analytics m, LATERAL jsonb_array_elements(convert_from(m.payload, 'UTF8')::jsonb->'requests') r
        WHERE m.headers::json->>'ce_tenantid' = '{Contracts.Identifiers.TypeId.Format("org", tenant)}' AND r->>'route' = '{route}' AND (r->>'status')::int = {status}
        """);
}
