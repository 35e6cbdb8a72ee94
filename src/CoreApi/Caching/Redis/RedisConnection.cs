using StackExchange.Redis;

namespace Platform.CoreApi.Caching.Redis;

/// <summary>The process's connection to Redis, <c>ConnectionStrings:redis</c>: <c>host:port,password=...,ssl=true</c>. Made in the background; away, it is tried again and again.</summary>
internal sealed partial class RedisConnection : IHostedService, IAsyncDisposable
{
    private readonly ConfigurationOptions? _options;
    private readonly ILogger<RedisConnection> _logger;
    private Task<ConnectionMultiplexer>? _connecting;

    /// <exception cref="Platform.ServiceDefaults.Hosting.StartupException">The connection string makes no sense.</exception>
    public RedisConnection(IConfiguration configuration, ILogger<RedisConnection> logger)
    {
        _logger = logger;
        if (configuration.GetConnectionString("redis") is not { Length: > 0 } text)
        {
            return;
        }

        try
        {
            _options = ConfigurationOptions.Parse(text);
        }
        catch (ArgumentException e)
        {
            throw new Platform.ServiceDefaults.Hosting.StartupException("ConnectionStrings__redis cannot be read: " + e.Message);
        }

        _options.AbortOnConnectFail = false;
        _options.ConnectTimeout = 2000;
        _options.SyncTimeout = 1000;
    }

    /// <summary>False where the platform runs without Redis.</summary>
    public bool IsConfigured => _options is not null;

    /// <summary>Null while Redis is away.</summary>
    public IDatabase? Database => _connecting is { IsCompletedSuccessfully: true, Result: { IsConnected: true } redis } ? redis.GetDatabase() : null;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _connecting = _options is { } options ? ConnectAsync(options) : null;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_connecting is { } connecting)
        {
            (await connecting).Dispose();
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions options)
    {
        var redis = await ConnectionMultiplexer.ConnectAsync(options);
        redis.ConnectionFailed += (_, e) => LogLost(e.EndPoint?.ToString(), e.FailureType.ToString());
        redis.ConnectionRestored += (_, e) => LogRestored(e.EndPoint?.ToString());
        if (!redis.IsConnected)
        {
            LogLost(string.Join(", ", options.EndPoints), "no answer");
        }

        return redis;
    }

    [LoggerMessage(3121, LogLevel.Warning, "Redis at {EndPoint} is away ({Reason}); the platform goes on without it")]
    private partial void LogLost(string? endPoint, string reason);

    [LoggerMessage(3122, LogLevel.Information, "Redis at {EndPoint} is back")]
    private partial void LogRestored(string? endPoint);
}
