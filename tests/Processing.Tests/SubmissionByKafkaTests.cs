using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Platform.Contracts.Identifiers;
using Platform.Processing.Submissions;
using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>Jobs that another system submits with a plain Kafka client, as docs/guides/submit-jobs-by-kafka.md has it.</summary>
public sealed class SubmissionByKafkaTests
{
    private const string Job = """{"type":"noop","payload":{"order":4711},"max_attempts":5}""";

    [Fact]
    public async Task A_record_becomes_one_job_however_often_it_is_sent_and_garbage_beside_it_is_dead()
    {
        using var kafka = new MockKafka();
        await using var service = await ProcessingFixture.StartAsync(
            null, ("ConnectionStrings:kafka", kafka.BootstrapServers), ("Eventing:ParkedDelay", "00:00:00.001"), ("Eventing:ConsumerPoll", "00:00:00.020"));
        var tenant = TypeId.New(TimeProvider.System);
        using var client = service.Client(tenant);
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = kafka.BootstrapServers, EnableIdempotence = true, Acks = Acks.All, Partitioner = Partitioner.Murmur2Random,
        }).Build();
        var (first, second) = (TypeId.New(TimeProvider.System), TypeId.New(TimeProvider.System));

        await producer.ProduceAsync("jobs.bulk", Record(first.ToString(), tenant, Job));
        await producer.ProduceAsync("jobs.bulk", Record(first.ToString(), tenant, Job));
        await producer.ProduceAsync("jobs.bulk", Record("not even a UUID", tenant, "{"));
        await producer.ProduceAsync("jobs.bulk", Record(TypeId.Format(IdPrefix.Event, second), tenant, Job));

        var jobs = await Eventually.GetAsync(async () => await client.IdsAsync("/v1/jobs") is { Length: 2 } ids ? ids : null, "two jobs");
        Assert.Equivalent(new[] { IdOf(first, tenant), IdOf(second, tenant) }, jobs, strict: true);
        var done = await client.ReachesAsync(IdOf(first, tenant), "succeeded");
        await client.ReachesAsync(IdOf(second, tenant), "succeeded");
        Assert.Equal(("bulk", 5, 4711), (done["queue"].GetString(), done["max_attempts"].GetInt32(), done["payload"].GetProperty("order").GetInt32()));
        await Eventually.IsTrueAsync(async () => await service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.dead_event") == 1, "the garbage is dead");
        Assert.Contains("malformed_json", await service.Database.ScalarAsync<string>("SELECT error FROM processing.dead_event"), StringComparison.Ordinal);
        Assert.Equal(2, (await client.IdsAsync("/v1/jobs")).Length);
    }

    private static string IdOf(Guid eventId, Guid tenant) => TypeId.Format(IdPrefix.Job, Submission.IdOf(eventId, tenant));

    private static Message<string, string> Record(string id, Guid tenant, string value) => new()
    {
        Key = "order-4711",
        Value = value,
        Headers = new Headers
        {
            { "ce_specversion", "1.0"u8.ToArray() },
            { "ce_type", "job.submitted"u8.ToArray() },
            { "ce_source", "/shop"u8.ToArray() },
            { "ce_id", Encoding.UTF8.GetBytes(id) },
            { "ce_time", Encoding.UTF8.GetBytes(TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)) },
            { "ce_tenantid", Encoding.UTF8.GetBytes(TypeId.Format(IdPrefix.Organization, tenant)) },
            { "content-type", "application/json"u8.ToArray() },
        },
    };
}
