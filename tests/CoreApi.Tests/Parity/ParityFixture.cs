namespace Platform.CoreApi.Tests.Parity;

/// <summary>A service with real keys and limits, for all rules; each ask has an organization of its own.</summary>
public sealed class ParityFixture : IAsyncLifetime
{
    /// <summary>Of an organization.</summary>
    internal const int MaxStreams = 3;

    public TestService Service { get; private set; } = null!;

    public async Task InitializeAsync() =>
        Service = await CoreApiFixture.StartAsync(realAuthentication: true, settings: ("Feed:MaxConnections", MaxStreams.ToString()));

    public async Task DisposeAsync() => await Service.DisposeAsync();
}
