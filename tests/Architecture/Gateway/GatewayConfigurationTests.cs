using System.Diagnostics;

namespace Platform.Architecture.Gateway;

/// <summary>What must be true of every route, and of the file as a whole.</summary>
public sealed class GatewayConfigurationTests
{
    private static readonly string[] Services = ["analytics", "auth", "core-api", "notifications", "processing"];

    private static readonly KongConfiguration Kong = KongConfiguration.Read();

    [Fact]
    public void The_five_services_are_there_and_nothing_else()
    {
        Assert.Equal("3.0", Kong.FormatVersion);
        Assert.Equal(Services, Kong.Services.Select(service => service.Url.Host).Distinct().Order());
        Assert.All(Kong.Services, service => Assert.Equal(("http", 8080, "/"), (service.Url.Scheme, service.Url.Port, service.Url.AbsolutePath)));
        Assert.All(Kong.Services, service => Assert.NotEmpty(service.Routes));
    }

    [Fact]
    public void Names_and_paths_are_unique()
    {
        Assert.Distinct(Kong.Services.Select(service => service.Name));
        Assert.Distinct(Kong.AllRoutes.Select(route => route.Name));
        Assert.Distinct(Kong.AllRoutes.SelectMany(route => route.Paths));
    }

    [Fact]
    public void A_request_arrives_with_the_path_and_host_that_the_caller_wrote()
    {
        Assert.All(Kong.AllRoutes, route => Assert.False(route.StripPath, $"{route.Name} strips its path."));
        Assert.All(Kong.Services.SelectMany(service => service.Routes), route => Assert.True(route.PreserveHost, $"{route.Name} replaces Host."));
    }

    /// <summary>Both of these work without a database and leave every header alone.</summary>
    [Fact]
    public void Only_known_plugins_are_used() => Assert.All(
        Kong.AllPlugins,
        plugin => Assert.Contains(plugin.Name, new[] { "request-size-limiting", "request-termination" }));

    [Fact]
    public void Bodies_are_limited_just_above_the_services_own_limit_and_files_far_above()
    {
        var everywhere = Assert.Single(Kong.Plugins, plugin => plugin.Name == "request-size-limiting");
        Assert.InRange(BytesOf(everywhere), (1 << 20) + 1, 2 << 20);

        var files = new KongRouter(Kong).Route("/v1/files")!;
        Assert.False(files.RequestBuffering);
        Assert.InRange(BytesOf(Assert.Single(files.Plugins)), 100L << 20, 1L << 30);
    }

    /// <summary>Runs the script that the composition runs, and reads back what Kong would be given.</summary>
    [Fact]
    public async Task Every_service_can_be_put_at_another_address()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // The script runs in Kong's own container; here it needs a shell.
        }

        var folder = Directory.CreateTempSubdirectory("kong-");
        try
        {
            var target = Path.Combine(folder.FullName, "kong.yml");
            var start = new ProcessStartInfo("/bin/sh", [Repository.PathOf("deploy", "kong", "start-with-addresses.sh"), "true"]);
            start.Environment["KONG_DECLARATIVE_CONFIG"] = target;
            for (var index = 0; index < Services.Length; index++)
            {
                // With and without a slash at the end: Aspire gives none, people do.
                var slash = index == 0 ? "/" : "";
                start.Environment[Services[index].Replace('-', '_').ToUpperInvariant() + "_URL"] = $"http://host.test:{4000 + index}{slash}";
            }

            using var process = Process.Start(start)!;
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await process.WaitForExitAsync(deadline.Token);
            Assert.Equal(0, process.ExitCode);

            var moved = KongConfiguration.Parse(await File.ReadAllTextAsync(target, deadline.Token));
            Assert.Equal(
                Kong.Services.Select(service => $"http://host.test:{4000 + Array.IndexOf(Services, service.Url.Host)}/"),
                moved.Services.Select(service => service.Url.AbsoluteUri));
            Assert.Equal(Kong.AllRoutes.Select(route => route.Name), moved.AllRoutes.Select(route => route.Name));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static long BytesOf(KongPlugin plugin) => long.Parse(plugin.Config["allowed_payload_size"]) * plugin.Config["size_unit"] switch
    {
        "kilobytes" => 1L << 10,
        "megabytes" => 1L << 20,
        var unit => throw new InvalidOperationException($"Unknown size unit {unit}."),
    };
}
