using System.Text.Json;
using Platform.Testing;

namespace Platform.Processing.Tests.Workflows;

/// <summary>What a caller does with workflows, in words.</summary>
internal static class WorkflowCalls
{
    public static Task<HttpResponseMessage> StartAsync(this HttpClient client, string body, string? idempotencyKey = null) =>
        client.SendJsonAsync(HttpMethod.Post, "/v1/workflows", body, ("Idempotency-Key", idempotencyKey));

    /// <summary>A workflow that was accepted.</summary>
    /// <param name="steps">Between the brackets.</param>
    public static async Task<Document> StartedAsync(this HttpClient client, string steps, string more = "")
    {
        using var response = await client.StartAsync($$"""{"steps":[{{steps}}]{{more}}}""");
        var document = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == 201, document.Text);
        Assert.Equal("/v1/workflows/" + document.Id, response.Headers.Location!.OriginalString);
        return document;
    }

    /// <summary>The workflow once it is in this state.</summary>
    public static Task<Document> ReachesWorkflowAsync(this HttpClient client, string id, string state) => UntilAsync(client, id, w => w.State == state, state);

    /// <summary>The workflow once a step of it is in this state.</summary>
    public static Task<Document> ReachesStepAsync(this HttpClient client, string id, string step, string state) =>
        UntilAsync(client, id, w => w.Step(step).GetProperty("state").GetString() == state, $"{step} is {state}");

    public static JsonElement Step(this Document workflow, string name) =>
        workflow["steps"].EnumerateArray().Single(s => s.GetProperty("name").GetString() == name);

    public static string StepState(this Document workflow, string name) => workflow.Step(name).GetProperty("state").GetString()!;

    /// <summary>name:state of all steps.</summary>
    public static string States(this Document workflow) =>
        string.Join(' ', workflow["steps"].EnumerateArray().Select(s => $"{s.GetProperty("name").GetString()}:{s.GetProperty("state").GetString()}"));

    public static string Noop(string name, string needs = "", string more = "") =>
        $$"""{"name":"{{name}}","needs":[{{needs}}],"job":{"type":"noop","payload":{} }{{more}} }""";

    /// <summary>A step that calls an address.</summary>
    public static string Call(string name, string url, string needs = "", string more = "", string body = "null") =>
        $$"""{"name":"{{name}}","needs":[{{needs}}],"job":{"type":"http.request","payload":{"method":"POST","url":"{{url}}","body":{{body}} },"max_attempts":1}{{more}} }""";

    /// <summary>A step whose job is dead at once: the address is barred.</summary>
    public static string Dead(string name, string needs = "", string more = "") => Call(name, "http://10.0.0.1/", needs, more);

    private static async Task<Document> UntilAsync(HttpClient client, string id, Func<Document, bool> condition, string what)
    {
        Document? last = null;
        try
        {
            return await Eventually.GetAsync(async () =>
            {
                last = await client.GetDocumentAsync("/v1/workflows/" + id);
                return condition(last) ? last : null;
            }, $"{id}: {what}");
        }
        catch (Xunit.Sdk.XunitException e)
        {
            throw new Xunit.Sdk.XunitException($"{e.Message}; it is {last?.Text}", e);
        }
    }
}
