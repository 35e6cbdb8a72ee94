using Platform.Contracts.Events;
using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>The events of jobs are written by hand; they are what is declared all the same.</summary>
public sealed class DeclaredEventsTests
{
    [Fact]
    public async Task Every_event_of_a_job_has_its_declared_shape()
    {
        await using var service = await ProcessingFixture.StartAsync();
        using var client = service.Client();
        await client.ReachesAsync((await client.SubmittedAsync("noop")).Id, "succeeded");
        var waiting = await client.SubmittedAsync("noop", "{}", ""","run_at":"2999-01-01T00:00:00Z" """);
        await client.PostAsync($"/v1/jobs/{waiting.Id}:cancel");

        // An address that is barred: the first attempt fails, and so does the last.
        await client.ReachesAsync((await client.SubmittedAsync("http.request", """{"url":"http://10.0.0.1/"}""", ""","max_attempts":2""")).Id, "dead");
        await client.PostAsync($"/v1/jobs/{waiting.Id}:retry");
        string[] expected = [EventTypes.JobCreated, EventTypes.JobSucceeded, EventTypes.JobCancelled, EventTypes.JobDead, EventTypes.JobRetrying];
        await Eventually.IsTrueAsync(
            async () => expected.Except(await DeclaredEvents.CheckAsync(service.Database, Topics.Core), StringComparer.Ordinal).ToArray() is [], "every kind of event");
    }
}
