using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Grpc.Hosting;
using Platform.ServiceDefaults.Grpc.Transcoding;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;
using Platform.ServiceDefaults.Tests.Grpc.Wire;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Grpc;

/// <summary>A service whose routes tell what came and answer what a test wants.</summary>
public sealed class ProbeFixture : IAsyncLifetime
{
    public const string Echo = "/test.v1.Probe/Echo";
    private TestService? _service;
    private int _counted;

    public TestService Service => _service!;
    public Uri Address => Service.GrpcAddress;

    /// <summary>Set when a handler's work was cancelled, and when it goes on writing.</summary>
    public TaskCompletionSource SlowStarted { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    public TaskCompletionSource SlowCancelled { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set when a count ends, with the next number.</summary>
    public TaskCompletionSource<int> CountEnded { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    public int Counted => _counted;

    /// <summary>The odd answer of <c>Odd</c>.</summary>
    public string OddBody { get; set; } = "";
    public string OddType { get; set; } = "application/json";
    public int OddStatus { get; set; } = 200;

    public async Task InitializeAsync() => _service = await StartAsync();

    public async Task DisposeAsync() => await Service.DisposeAsync();

    public GrpcClient Client(string role = Roles.Owner, params string[] scopes) =>
        new(Address, TestAuthenticator.Token(Contracts.Identifiers.TypeId.New(TimeProvider.System), role, scopes));

    public Task<TestService> StartAsync(params (string, string)[] settings) => SampleService.StartAsync(Map, Add, settings: settings);

    private static void Add(IServiceCollection services) => services.AddGrpcService(ProbeReflection.Descriptor.Services[0], probe => probe
        .Map("Echo", "POST", "/probe/{id}")
        .Map("Fail", "PUT", "/probe/{id}")
        .Map("Slow", "POST", "/probe/{id}:slow")
        .Map("Odd", "POST", "/probe/{id}:odd")
        .Map("Find", "GET", "/probe")
        .Map("Nowhere", "POST", "/nowhere/{id}")
        .MapStream("Count"));

    private void Map(WebApplication app)
    {
        // Tells what came: the body as it was, and what else a route can read.
        app.MapPost("/probe/{id}", async (string id, HttpContext http) =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync();
            http.Response.Headers["X-Seen"] = $"{http.Request.Headers.IfMatch}|{http.Request.Headers["Idempotency-Key"]}|{http.Request.ContentType}|{http.Request.Protocol}";
            http.Response.Headers.Location = "/probe/" + id;
            using var parsed = JsonDocument.Parse(body);
            var fields = parsed.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
            fields["text"] = JsonSerializer.SerializeToElement(parsed.RootElement.TryGetProperty("text", out var text) && text.GetString() is { Length: > 1000 } long_ ? long_ : body);
            return JsonAnswer.Ok(JsonSerializer.SerializeToUtf8Bytes(fields));
        }).RequireScope(Scopes.ResourcesWrite);
        app.MapPut("/probe/{id}", (string id, HttpContext _) => id switch
        {
            "several" => (IResult)KnownProblems.Validation([new("/items/3/name", "required", "'name' is ärgerlich, 100 %."), new("If-Match", "invalid_etag", "No tag.")]),
            "busy" => KnownProblems.RateLimited(7),
            "many" => KnownProblems.Validation([.. Enumerable.Range(0, 1000).Select(i => new InputError($"/items/{i}/name", "required", new string('x', 100)))]),
            "throw" => throw new InvalidOperationException("bug"),
            _ => Results.StatusCode(int.Parse(id)),
        }).RequireScope(Scopes.ResourcesWrite);
        app.MapPost("/probe/{id}:slow", async (string id, HttpContext http) =>
        {
            SlowStarted.TrySetResult();
            try
            {
                await Task.Delay(TimeSpan.FromMinutes(5), http.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                SlowCancelled.TrySetResult();
                throw;
            }

            return JsonAnswer.NoContent();
        }).RequireScope(Scopes.ResourcesWrite);
        app.MapPost("/probe/{id}:odd", (string id, HttpContext _) =>
            (IResult)new JsonAnswer(OddStatus, System.Text.Encoding.UTF8.GetBytes(OddBody)) { ContentType = OddType }).RequireScope(Scopes.ResourcesWrite);
        app.MapGet("/probe", (Delegate)((HttpContext http) =>
            JsonAnswer.Ok(JsonSerializer.SerializeToUtf8Bytes(new { text = http.Request.QueryString.Value })))).RequireScope(Scopes.ResourcesRead);
        app.MapServerStream(ProbeReflection.Descriptor.Services[0], "Count", async (http, stream) =>
        {
            var (body, _) = await JsonBody.ReadAsync(http);
            using var read = body!;
            var (to, size) = (body!.Fields.OptionalInt("to") ?? 0, body.Fields.OptionalInt("size") ?? 0);
            if (to < 0)
            {
                return KnownProblems.Validation("/to", "out_of_range", "'to' must not be negative.");
            }

            await stream.StartAsync();
            var blob = Google.Protobuf.ByteString.CopyFrom(new byte[size]);
            var i = 1;
            try
            {
                for (; i <= to; i++)
                {
                    http.RequestAborted.ThrowIfCancellationRequested();
                    await stream.WriteAsync(new ProbeReply { Number = i, Blob = blob });
                    Interlocked.Increment(ref _counted);
                }
            }
            finally
            {
                CountEnded.TrySetResult(i);
            }

            return to == 13 ? KnownProblems.Unavailable() : Results.Ok();
        }).RequireScope(Scopes.ResourcesRead);
    }
}
