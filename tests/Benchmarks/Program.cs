using Platform.Benchmarks.Api;
using Platform.Benchmarks.Jobs;
using Platform.Benchmarks.Main;
using Platform.Benchmarks.Paths;
using Platform.Benchmarks.Size;
using Platform.Benchmarks.Stream;

return args switch
{
    ["main"] => await MainBenchmark.RunAsync(),
    ["api"] => await ApiBenchmark.RunAsync(only: null),
    ["api", var only] => await ApiBenchmark.RunAsync(only),
    ["size"] => await SizeBenchmark.RunAsync(10_000_000, 10_000),
    ["size", var resources, var tenants] => await SizeBenchmark.RunAsync(long.Parse(resources), int.Parse(tenants)),
    ["jobs", "workflows"] => await Workflows.RunAsync(),
    ["jobs"] => await JobsBenchmark.RunAsync(alone: false),
    ["jobs", "alone"] => await JobsBenchmark.RunAsync(alone: true),
    ["jobs", "bloat"] => await Bloat.RunAsync(3),
    ["jobs", "bloat", var minutes] => await Bloat.RunAsync(double.Parse(minutes, System.Globalization.CultureInfo.InvariantCulture)),
    ["stream"] => await StreamBenchmark.RunAsync(),
    ["jobs", "fairness"] => await Fairness.RunAsync(),
    ["bare", var port] => await BareEndpoint.RunAsync(int.Parse(port)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- main|stream|jobs [alone|fairness|bloat [minutes]|workflows]|api [reads|writes|collections|grpc|fan-out]|size [resources tenants]");
    return 1;
}
