// The whole system on one page, run by Aspire where there is a container runtime: engines, services, gateway.
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dotnet;

// Said here and not in launchSettings.json, which `dotnet run` would apply to local mode as well. Loopback only.
Default("ASPNETCORE_URLS", "http://localhost:18888");
Default("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "http://localhost:18889");
Default("ASPIRE_ALLOW_UNSECURED_TRANSPORT", "true");

var builder = DistributedApplication.CreateBuilder(args);

// Consumer offsets live in the database, beside their effects. A stream or an index that forgot what the database
// remembers would leave consumers past the end, so what one of the three keeps, all three keep.
var platform = builder.AddPostgres("postgres")
    .WithDataVolume()
    .WithLifetime(ContainerLifetime.Persistent)
    .AddDatabase("platform");

var kafka = builder.AddKafka("kafka")
    .WithDataVolume()
    .WithLifetime(ContainerLifetime.Persistent)
    .WithKafkaUI();

var elasticsearch = builder.AddContainer("elasticsearch", "elasticsearch", "9.1.4")
    .WithEnvironment("discovery.type", "single-node")
    .WithEnvironment("xpack.security.enabled", "false")
    .WithEnvironment("ES_JAVA_OPTS", "-Xms512m -Xmx512m")
    .WithVolume("platform-elasticsearch-data", "/usr/share/elasticsearch/data")
    .WithLifetime(ContainerLifetime.Persistent)
    .WithHttpEndpoint(targetPort: 9200)
    .WithHttpHealthCheck("/_cluster/health");

// Caches and rate limits only: losing it loses nothing.
var redis = builder.AddRedis("redis");

// What the services sign their calls to each other with. Drawn anew at each start: no token lives longer than five minutes.
var serviceSecret = builder.AddParameter("service-secret", new GenerateParameterDefault { MinLength = 48, Special = false }, secret: true);

var auth = Service("auth", "Auth");
var coreApi = Service("core-api", "CoreApi").WithReference(auth).WaitFor(auth);
var processing = Service("processing", "Processing").WithReference(auth).WaitFor(auth);
var notifications = Service("notifications", "Notifications").WithReference(auth).WaitFor(auth);
var analytics = Service("analytics", "Analytics").WithReference(auth).WaitFor(auth)
    .WithEnvironment("ConnectionStrings__elasticsearch", elasticsearch.GetEndpoint("http"))
    .WaitFor(elasticsearch);

// Whom Processing asks for the state of the streams, and where its jobs work: files, resources, usage.
processing
    .WithEnvironment("Peers__auth", auth.GetEndpoint("http"))
    .WithEnvironment("Peers__core", coreApi.GetEndpoint("http"))
    .WithEnvironment("Peers__notifications", notifications.GetEndpoint("http"))
    .WithEnvironment("Peers__analytics", analytics.GetEndpoint("http"));

// One base URL for all five. kong.yml is production's own file; only the services' addresses are exchanged at start,
// because here they run on this host, on ports that Aspire chose (docs/decisions/0013).
builder.AddContainer("gateway", "kong", "3.9")
    .WithBindMount("../deploy/kong", "/kong", isReadOnly: true)
    .WithEntrypoint("/bin/sh")
    .WithArgs("/kong/start-with-addresses.sh", "/docker-entrypoint.sh", "kong", "docker-start")
    .WithEnvironment("KONG_DATABASE", "off")
    .WithEnvironment("KONG_DECLARATIVE_CONFIG", "/tmp/kong.yml")
    .WithEnvironment("KONG_PROXY_LISTEN", "0.0.0.0:8000")
    .WithEnvironment("KONG_STATUS_LISTEN", "0.0.0.0:8100")
    .WithEnvironment("KONG_ADMIN_LISTEN", "off")
    .WithEnvironment("KONG_NGINX_WORKER_PROCESSES", "1")
    .WithEnvironment("KONG_NGINX_HTTP_CLIENT_MAX_BODY_SIZE", "1g")
    .WithEnvironment("AUTH_URL", auth.GetEndpoint("http"))
    .WithEnvironment("CORE_API_URL", coreApi.GetEndpoint("http"))
    .WithEnvironment("PROCESSING_URL", processing.GetEndpoint("http"))
    .WithEnvironment("NOTIFICATIONS_URL", notifications.GetEndpoint("http"))
    .WithEnvironment("ANALYTICS_URL", analytics.GetEndpoint("http"))
    .WithHttpEndpoint(port: 8080, targetPort: 8000)
    .WithHttpEndpoint(targetPort: 8100, name: "status")
    .WithHttpHealthCheck("/status/ready", endpointName: "status")
    .WaitFor(auth).WaitFor(coreApi).WaitFor(processing).WaitFor(notifications).WaitFor(analytics);

await builder.Build().RunAsync();

// What every service gets. Aspire adds the OTLP endpoint of the dashboard by itself.
IResourceBuilder<DotnetProjectResource> Service(string name, string folder) => builder
    .AddDotnetProject(name, $"../src/{folder}/{folder}.csproj", project =>
    {
        // Ports are Aspire's to give: a launch profile or Kestrel section would bring a second "http" endpoint.
        project.ExcludeLaunchProfile = true;
        project.ExcludeKestrelEndpoints = true;
    })
    .WithHttpEndpoint()

    // gRPC. A tcp endpoint, so that the host does not count it among the addresses of REST.
    .WithEndpoint(scheme: "tcp", name: "grpc", env: "PLATFORM_GRPC_PORT")
    .WithReference(platform).WaitFor(platform)
    .WithReference(kafka).WaitFor(kafka)
    .WithReference(redis).WaitFor(redis)
    .WithEnvironment("PLATFORM_SERVICE_SECRET", serviceSecret)
    .WithHttpHealthCheck("/health/ready");

static void Default(string variable, string value)
{
    if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)))
    {
        Environment.SetEnvironmentVariable(variable, value);
    }
}
