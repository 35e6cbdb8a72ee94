namespace Platform.Architecture.Gateway;

/// <summary>Every path of the public contract reaches the service that owns it.</summary>
public sealed class PublicPathsTests
{
    private static readonly KongRouter Router = new(KongConfiguration.Read());

    [Theory]
    [InlineData("/v1/api-keys")]
    [InlineData("/v1/api-keys/key_01")]
    [InlineData("/v1/api-keys/key_01:rotate")]
    [InlineData("/v1/signup")]
    [InlineData("/v1/sessions")]
    [InlineData("/v1/organization")]
    [InlineData("/v1/members")]
    [InlineData("/v1/members/usr_01")]
    [InlineData("/v1/roles")]
    [InlineData("/v1/me")]
    [InlineData("/v1/me/mfa")]
    [InlineData("/oauth/authorize")]
    [InlineData("/oauth/token")]
    [InlineData("/oauth/revoke")]
    [InlineData("/oauth/introspect")]
    [InlineData("/oauth/userinfo")]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/.well-known/jwks.json")]
    public void Auth_owns(string path) => Owns("auth", path);

    [Theory]
    [InlineData("/v1/resources")]
    [InlineData("/v1/resources/res_01")]
    [InlineData("/v1/resources/res_01/history")]
    [InlineData("/v1/resources:batch")]
    [InlineData("/v1/resource-types")]
    [InlineData("/v1/resource-types/order")]
    [InlineData("/v1/files")]
    [InlineData("/v1/files/file_01")]
    [InlineData("/v1/events")]
    [InlineData("/v1/events/evt_01")]
    [InlineData("/v1/events/stream")]
    [InlineData("/v1/stream")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs")]
    [InlineData("/docs/index.html")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/")]
    [InlineData("/v1/there-is-no-such-thing")]
    public void CoreApi_owns(string path) => Owns("core-api", path);

    [Theory]
    [InlineData("/v1/jobs")]
    [InlineData("/v1/jobs/job_01")]
    [InlineData("/v1/jobs:batch")]
    [InlineData("/v1/jobs/job_01:cancel")]
    [InlineData("/v1/jobs/job_01:retry")]
    [InlineData("/v1/queues")]
    [InlineData("/v1/queues/critical:pause")]
    [InlineData("/v1/queues/critical:resume")]
    [InlineData("/v1/dead-letters")]
    [InlineData("/v1/dead-letters:redrive")]
    [InlineData("/v1/dead-letters/dlt_01:redrive")]
    [InlineData("/v1/schedules")]
    [InlineData("/v1/schedules/sch_01")]
    [InlineData("/v1/workflows")]
    [InlineData("/v1/workflows/wfl_01")]
    [InlineData("/v1/triggers")]
    [InlineData("/v1/streams")]
    [InlineData("/v1/streams/events.core")]
    public void Processing_owns(string path) => Owns("processing", path);

    [Theory]
    [InlineData("/v1/webhook-endpoints")]
    [InlineData("/v1/webhook-endpoints/whe_01")]
    [InlineData("/v1/webhook-endpoints/whe_01/deliveries")]
    [InlineData("/v1/webhook-endpoints/whe_01:test")]
    [InlineData("/v1/webhook-endpoints/whe_01:rotate-secret")]
    [InlineData("/v1/webhook-endpoints/whe_01:replay")]
    [InlineData("/v1/webhook-endpoints/whe_01:enable")]
    [InlineData("/v1/webhook-replays")]
    [InlineData("/v1/webhook-replays/rpl_01:cancel")]
    [InlineData("/v1/deliveries:redeliver")]
    [InlineData("/v1/deliveries/dlv_01")]
    [InlineData("/v1/deliveries/dlv_01:redeliver")]
    [InlineData("/v1/events/evt_01/deliveries")]
    public void Notifications_owns(string path) => Owns("notifications", path);

    [Theory]
    [InlineData("/v1/audit")]
    [InlineData("/v1/analytics/usage")]
    [InlineData("/v1/analytics/latency")]
    [InlineData("/v1/search")]
    [InlineData("/v1/search/suggest")]
    [InlineData("/v1/alerts")]
    [InlineData("/v1/alerts/alr_01")]
    public void Analytics_owns(string path) => Owns("analytics", path);

    [Theory]
    [InlineData("/v1/events/stream", true)]
    [InlineData("/v1/stream", true)]
    [InlineData("/v1/streams", false)]
    [InlineData("/v1/events", false)]
    [InlineData("/v1/events/evt_01", false)]
    public void Only_the_streams_get_a_stream_s_time_outs_and_no_buffer(string path, bool streams)
    {
        var route = Router.Route(path)!;

        Assert.Equal(streams, !route.ResponseBuffering);
        Assert.Equal(streams, route.Service!.ReadTimeout >= 3_600_000 && route.Service.WriteTimeout >= 3_600_000);
    }

    [Fact]
    public void Metrics_are_not_for_the_outside()
    {
        var route = Router.Route("/metrics")!;

        Assert.Null(route.Service);
        Assert.Equal("404", Assert.Single(route.Plugins, plugin => plugin.Name == "request-termination").Config["status_code"]);
    }

    private static void Owns(string service, string path)
    {
        var url = Router.Route(path)?.Service?.Url;

        Assert.Equal($"http://{service}:8080/", url?.AbsoluteUri);
    }
}
