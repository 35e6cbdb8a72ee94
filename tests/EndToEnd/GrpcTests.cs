using System.Text.RegularExpressions;
using Platform.Testing;

namespace Platform.EndToEnd;

/// <summary>Another implementation of gRPC calls every method of local mode.</summary>
public sealed partial class GrpcTests
{
    [Fact]
    public async Task Grpc_js_calls_every_method()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Path + "/data";
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var platform = PlatformProcess.StartStandalone(data);
        await platform.ReadyAsync();
        await Eventually.IsTrueAsync(() => Address().IsMatch(platform.Output), "the welcome");
        var input = new[]
        {
            Address().Match(platform.Output).Groups[1].Value,
            (await File.ReadAllTextAsync(data + "/api-key")).Trim(),
            Path.Combine(Repository.Root, "src", "Contracts", "Protos"),
            receiver.Url,
        };
        var lines = await NodeWitness.RunAsync("grpc.mjs", input);
        Assert.True(lines is [.., "done"], string.Join('\n', lines));
        Assert.Equal(0, await platform.TerminateAsync());
    }

    [GeneratedRegex(@"gRPC is at (\S+?)\.\s")]
    private static partial Regex Address();
}
