using Platform.Benchmarks.Main;

return args switch
{
    ["main"] => await MainBenchmark.RunAsync(),
    ["bare", var port] => await BareEndpoint.RunAsync(int.Parse(port)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- main");
    return 1;
}
