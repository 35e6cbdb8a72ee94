using Platform.Benchmarks.Api;
using Platform.Benchmarks.Main;
using Platform.Benchmarks.Paths;
using Platform.Benchmarks.Stream;

return args switch
{
    ["main"] => await MainBenchmark.RunAsync(),
    ["api"] => await ApiBenchmark.RunAsync(only: null),
    ["api", var only] => await ApiBenchmark.RunAsync(only),
    ["stream"] => await StreamBenchmark.RunAsync(),
    ["bare", var port] => await BareEndpoint.RunAsync(int.Parse(port)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- main|stream|api [reads|writes|lists]");
    return 1;
}
