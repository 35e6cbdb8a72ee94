using Platform.Benchmarks.Main;
using Platform.Benchmarks.Stream;

return args switch
{
    ["main"] => await MainBenchmark.RunAsync(),
    ["stream"] => await StreamBenchmark.RunAsync(),
    ["bare", var port] => await BareEndpoint.RunAsync(int.Parse(port)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- main|stream");
    return 1;
}
